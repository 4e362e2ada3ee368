"""The change feed of Heardback as a loop, over the client that is generated from the API's document (`heardback_client`)."""

from __future__ import annotations

from collections.abc import Iterator

from heardback_client import AuthenticatedClient
from heardback_client.api.changes import list_changes
from heardback_client.models import ChangedRecord, Changes, Problem
from heardback_client.types import UNSET

__version__ = "0.1.0"


class HeardbackProblem(Exception):
    """A problem that the API answered: `problem.code` is for programs."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem


def connect(base_url: str, token: str) -> AuthenticatedClient:
    """Makes a client. `token` is an API key, or a person's access token."""
    return AuthenticatedClient(base_url=base_url, token=token, raise_on_unexpected_status=True)


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
    answer = list_changes.sync(client=client, since=since or UNSET)
    if isinstance(answer, Problem):
        raise HeardbackProblem(answer)
    if answer is None:
        raise ValueError("the API answered nothing")
    return answer
