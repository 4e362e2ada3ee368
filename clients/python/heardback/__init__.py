"""The Heardback API for apps: sign-in, and the change feed as a loop, over the generated client (`heardback_client`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from heardback_client import AuthenticatedClient, Client
from heardback_client.api.changes import list_changes
from heardback_client.api.people import create_session, refresh_session
from heardback_client.models import ChangedRecord, Changes, Problem, RefreshRequest, SignInCode, Tokens
from heardback_client.types import UNSET

__version__ = "0.1.0"
T = TypeVar("T")


class HeardbackProblem(Exception):
    """A problem that the API answered: `problem.code` is for programs."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem


def connect(base_url: str, token: str, **httpx_args: Any) -> AuthenticatedClient:
    """Makes a client. `token` is an API key, or a person's access token."""
    return AuthenticatedClient(base_url=base_url, token=token, raise_on_unexpected_status=True, httpx_args=httpx_args)


def sign_in(base_url: str, email: str, code: str, attempt: str) -> Tokens:
    """Signs a person in with the code of their mail. `attempt` is an Idempotency-Key: the same one where no answer came."""
    client = Client(base_url=base_url, raise_on_unexpected_status=True)
    return data_of(create_session.sync(client=client, body=SignInCode(email=email, code=code), idempotency_key=attempt))


def next_tokens(base_url: str, refresh_token: str, attempt: str) -> Tokens:
    """Gets the next tokens. Store `attempt` with the refresh token before: the same one where no answer came."""
    client = Client(base_url=base_url, raise_on_unexpected_status=True)
    body = RefreshRequest(refresh_token=refresh_token)
    return data_of(refresh_session.sync(client=client, body=body, idempotency_key=attempt))


def data_of(answer: T | Problem | None) -> T:
    """Returns what was answered. Raises HeardbackProblem for a refusal."""
    if isinstance(answer, Problem):
        raise HeardbackProblem(answer)
    if answer is None:
        raise ValueError("the API answered nothing")
    return answer


def token_of_now(client: AuthenticatedClient) -> str:
    """Returns a token of now for `changes_since`. Take it before you read the lists."""
    return _page(client, None).next_since


def changes_since(client: AuthenticatedClient, since: str) -> Iterator[tuple[list[ChangedRecord], str]]:
    """Yields each page of what changed since a token, with the token after it: store both together."""
    while True:
        page = _page(client, since)
        since = page.next_since
        yield page.data, since
        if not page.has_more:
            return


def _page(client: AuthenticatedClient, since: str | None) -> Changes:
    return data_of(list_changes.sync(client=client, since=since or UNSET))
