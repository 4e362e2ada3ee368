"""Single sign-on by a provider on loopback: who gets in, and what a hostile answer does."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.auth.single_sign_on import GOOGLE, Refused, SsoItem, email_of
from tests.engines import BASE_URL, START, Api, code_for, join
from tests.integrations.webhooks.conftest import HOST, certificate, internet, receiver
from tests.web.conftest import Browser

__all__ = ["certificate", "internet", "receiver"]
Json = dict[str, Any]
ISSUER = f"https://{HOST}"
SETTING = {"issuer": ISSUER, "client_id": "heardback", "client_secret": "a secret".replace(" ", "-"), "domains": ["example.com"]}


def id_token(claims: Json) -> str:
    parts = [{"alg": "RS256"}, claims]
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts), "c2ln"])


class Identity:
    """The provider. `claims` change what it says; `forms` are the requests for tokens; `configuration` replaces its own.

    `raw` replaces every answer.
    """

    def __init__(self, now: Callable[[], Any]) -> None:
        self.now = now
        self.claims: Json = {}
        self.configuration: Json = {}
        self.raw = b""
        self.names_itself = ""
        self.wants_header = False
        self.forms: list[dict[str, str]] = []
        self.codes: dict[str, Json] = {}

    def sign_in(self, location: str) -> str:
        """Signs somebody in as a provider does: returns the address that it sends the browser back to, below our own."""
        assert location.startswith(f"{ISSUER}/authorize?"), location
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert asked["redirect_uri"].startswith(BASE_URL + "/sso-callback/emp_") and asked["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}{self.names_itself}"

    def token(self, form: dict[str, str], authorization: str) -> Json | None:
        self.forms.append(form)
        asked = self.codes.pop(form["code"], None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        secret = base64.b64decode(authorization[6:]).decode().partition(":")[2] if self.wants_header else form["client_secret"]
        challenge = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        assert challenge == asked["code_challenge"] and secret == SETTING["client_secret"]
        assert ("client_secret" in form) != self.wants_header
        told = {"iss": ISSUER, "aud": "heardback", "exp": self.now().timestamp() + 300, "nonce": asked["nonce"]}
        return {"id_token": id_token({**told, "email": "robin@example.com", "email_verified": True, **self.claims})}


@pytest.fixture
def identity(certificate: Any, internet: Any, receiver: Any, clock: Any) -> Iterator[Identity]:
    found = Identity(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            endpoints = {"authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token"}
            self.answer({"issuer": ISSUER, **endpoints, **found.configuration})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            self.answer(found.token(form, self.headers.get("Authorization", "")))

        def answer(self, body: Json | None) -> None:
            self.send_response(200 if body else 400)
            self.end_headers()
            self.wfile.write(found.raw or json.dumps(body or {"error": "invalid_grant"}).encode())

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    receiver.port = server.server_address[1]
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def set_up(employer: Api, outbox: Any) -> str:
    """Single sign-on for the employer of Robin; returns where people begin."""
    join(employer, outbox, "robin@example.com", "Robin Hale")
    made = employer("PUT", "/v1/employer/single_sign_on", SETTING)
    assert made.status == 200, made
    return str(made.json["sign_in_url"]).removeprefix(BASE_URL)


def begin(browser: Browser, path: str) -> str:
    """Opens the address where people begin; returns where the browser is sent."""
    page = browser.api.get(path)
    assert page.status == 303, page
    name, _, value = page.headers["Set-Cookie"].partition(";")[0].partition("=")
    browser.cookies[name] = value
    return str(page.headers["Location"])


def test_somebody_on_the_team_signs_in_by_their_companys_provider(
    browser: Browser, identity: Identity, set_up: str, employer: Api
) -> None:
    browser.open(identity.sign_in(begin(browser, set_up + "?next=%2Fsettings")))
    assert browser.path == "/settings" and "Robin Hale" in browser.text
    assert [one["what"] for one in employer.get("/v1/audit?what=sign_in").json["data"]] == ["sign_in"]


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "stranger@example.com"}, "not on this team"),
        ({"email": "robin@evil.example"}, "allowed domain"),
        ({"email": None}, "allowed domain"),
        ({"email_verified": False}, "not verified"),
        ({"email_verified": None}, "not verified"),
        ({"iss": "https://evil.example"}, "another provider"),
        ({"aud": "another-client"}, "another client"),
        ({"aud": ["heardback", "another"]}, "several clients"),
        ({"nonce": "planted"}, "another sign-in"),
        ({"exp": START.timestamp() - 61}, "expired"),
        ({"exp": "soon"}, "expired"),
    ],
)
def test_an_answer_that_does_not_fit_signs_nobody_in(
    browser: Browser, identity: Identity, set_up: str, employer: Api, claims: Json, words: str
) -> None:
    """And is counted in the audit log."""
    identity.claims = claims
    browser.open(identity.sign_in(begin(browser, set_up)))
    assert browser.page.status == 403 and words in browser.text
    assert "heardback_session" not in browser.cookies
    assert len(employer.get("/v1/audit?what=sign_in_failed").json["data"]) == 1


def test_a_provider_cannot_consent_for_whoever_reads_the_mail(
    browser: Browser, identity: Identity, set_up: str, employer: Api
) -> None:
    """An employer chooses its provider: otherwise it could accept its own invitations of strangers."""
    employer.post("/v1/people", {"name": "Kim", "email": "kim@example.com"})
    identity.claims = {"email": "kim@example.com"}
    browser.open(identity.sign_in(begin(browser, set_up)))
    assert browser.page.status == 403 and "invitation" in browser.text
    people = employer.get("/v1/people").json["data"]
    assert {one["email"]: one["accepted"] for one in people} == {"kim@example.com": False, "robin@example.com": True}


def test_a_provider_signs_nobody_in_at_another_employer(
    browser: Browser, identity: Identity, set_up: str, api: Api, outbox: Any
) -> None:
    """Robin works for both. Each employer's provider counts there alone."""
    other = api.new_employer(name="Other")
    join(other, outbox, "robin@example.com")
    assert browser.api.get(f"/sso/{other.employer_id}").status == 404
    browser.open(identity.sign_in(begin(browser, set_up)))
    assert "Acme Robotics" in browser.text and "Other" not in browser.text


def test_only_the_browser_that_began_is_signed_in(
    browser: Browser, identity: Identity, set_up: str, api: Api, clock: Any
) -> None:
    """Another site could sign a person in as itself. An old attempt and an edited one are refused as well."""
    back = identity.sign_in(begin(browser, set_up))
    victim = Browser(api)
    assert victim.open(back).status == 400
    begin(victim, set_up)
    assert victim.open(back).status == 400, "its own attempt, and another's answer"
    assert browser.open(back + "0").status == 400
    assert browser.open(back.partition("?")[0] + "?error=access_denied").status == 400
    assert identity.forms == []
    clock.advance(minutes=10)
    assert browser.open(back).status == 400


def test_a_code_for_another_employers_provider_is_not_handed_on(
    browser: Browser, identity: Identity, set_up: str, api: Api
) -> None:
    """A hostile employer's provider sends the visitor on to theirs: the code comes back to the address of the other employer."""
    hostile = api.new_employer(name="Hostile")
    made = hostile("PUT", "/v1/employer/single_sign_on", SETTING)
    to_hostile = begin(browser, str(made.json["sign_in_url"]).removeprefix(BASE_URL))
    to_theirs = begin(Browser(api), set_up)
    asked = {name: parse_qs(urlsplit(to_hostile).query)[name][0] for name in ("state", "nonce")}
    known = {name: parse_qs(urlsplit(to_theirs).query)[name][0] for name in ("state", "nonce")}
    sent_on = to_theirs.replace(known["state"], asked["state"]).replace(known["nonce"], asked["nonce"])
    assert browser.open(identity.sign_in(sent_on)).status == 400
    assert identity.forms == [] and "heardback_session" not in browser.cookies


@pytest.mark.parametrize(("named", "status"), [(ISSUER, 200), ("https://evil.example", 403)])
def test_a_provider_that_names_itself_must_be_the_one_that_was_asked(
    browser: Browser, identity: Identity, set_up: str, named: str, status: int
) -> None:
    """RFC 9207."""
    identity.names_itself = f"&iss={named}"
    assert browser.open(identity.sign_in(begin(browser, set_up))).status == status


def test_a_provider_that_wants_the_secret_in_a_header_gets_it_there(browser: Browser, identity: Identity, set_up: str) -> None:
    identity.configuration = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}
    identity.wants_header = True
    browser.open(identity.sign_in(begin(browser, set_up)))
    assert "Robin Hale" in browser.text


def test_a_browser_that_is_signed_in_as_somebody_else_is_asked_first(
    identity: Identity, set_up: str, employer: Api, outbox: Any, api: Api, signed_in: Any
) -> None:
    """Anybody can link to their own company's sign-in: what a visitor then types would go into a stranger's account."""
    hostile = api.new_employer(name="Hostile")
    join(hostile, outbox, "kim@example.com", "Kim Poe")
    made = hostile("PUT", "/v1/employer/single_sign_on", SETTING)
    browser, theirs = signed_in(), str(made.json["sign_in_url"]).removeprefix(BASE_URL)
    identity.claims = {"email": "kim@example.com"}
    before = dict(browser.cookies)
    browser.open(identity.sign_in(begin(browser, theirs + "?next=%2Fsettings")))
    assert "signed in as robin@example.com at Acme Robotics" in browser.text and "for kim@example.com at Hostile" in browser.text
    assert browser.cookies["heardback_session"] == before["heardback_session"]
    assert hostile.get("/v1/audit?what=sign_in").json["data"] == []
    browser.submit("")
    assert browser.path == "/settings" and "Kim Poe" in browser.text


@pytest.mark.parametrize("asked_first", [False, True])
def test_a_provider_gains_no_tries_of_codes_at_another_employer(
    identity: Identity, set_up: str, api: Api, outbox: Any, asked_first: bool, browser: Browser, signed_in: Any
) -> None:
    """Where somebody signed in by mail before, they have tries of their own. A provider could sign in as them from anywhere."""
    hostile = api.new_employer(name="Hostile")
    for team in (hostile, api.new_employer(name="Other")):
        join(team, outbox, "kim@example.com", "Kim Poe")
    made = hostile("PUT", "/v1/employer/single_sign_on", SETTING)
    identity.claims = {"email": "kim@example.com"}
    visitor = signed_in() if asked_first else browser
    visitor.open(identity.sign_in(begin(visitor, str(made.json["sign_in_url"]).removeprefix(BASE_URL))))
    if asked_first:
        visitor.submit("")
    assert "Kim Poe" in visitor.text
    stranger, guess = api.using(None), {"email": "kim@example.com", "code": "000000"}
    stranger.post("/v1/sign_in", {"email": "kim@example.com"})
    assert [stranger.post("/v1/sessions", guess).status for _ in range(5)] == [422] * 5
    stranger.post("/v1/sign_in", {"email": "kim@example.com"})
    assert stranger.post("/v1/sessions", {**guess, "code": code_for(outbox, "kim@example.com")}).status == 429


def test_the_same_person_again_is_not_asked(identity: Identity, set_up: str, browser: Browser) -> None:
    for _ in range(2):
        browser.open(identity.sign_in(begin(browser, set_up + "?next=%2Fsettings")))
        assert browser.path == "/settings" and "Robin Hale" in browser.text


def test_only_who_could_give_every_role_chooses_the_provider(employer: Api, identity: Identity) -> None:
    """It signs in managers, who read and write."""
    for scopes in (["manage"], ["manage", "read"], ["manage", "write"]):
        lacking = employer.using(employer.post("/v1/keys", {"scopes": scopes}).json["secret"])
        answer = lacking("PUT", "/v1/employer/single_sign_on", SETTING)
        assert (answer.status, answer.json["code"]) == (403, "missing_scope")
    assert employer.get("/v1/employer/single_sign_on").status == 404
    assert employer("PUT", "/v1/employer/single_sign_on", SETTING).status == 200


def test_an_answer_works_once(browser: Browser, identity: Identity, set_up: str) -> None:
    back = identity.sign_in(begin(browser, set_up))
    assert browser.open(back).status == 200
    assert browser.open(back).status == 403


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://hooks.example.com/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_a_strange_configuration_is_refused(browser: Browser, identity: Identity, set_up: str, configuration: Json) -> None:
    identity.configuration = configuration
    assert browser.api.get(set_up).status == 403


@pytest.mark.parametrize(
    "claim", [{"nonce": "\ud800"}, {"email": "\ud800@example.com"}, {"iss": ["x"]}, {"aud": {"x": 1}}, {"exp": "9"}]
)
def test_claims_that_are_made_to_do_harm_sign_nobody_in(browser: Browser, identity: Identity, set_up: str, claim: Json) -> None:
    """A lone surrogate is no text, and cannot be compared or looked up."""
    identity.claims = claim
    assert browser.open(identity.sign_in(begin(browser, set_up))).status == 403


@pytest.mark.parametrize("answer", [b"[" * 50_000, b'{"issuer":' * 9_000, b"\xff", b"[]", b"9" * 5_000])
def test_an_answer_that_is_made_to_do_harm_is_refused(browser: Browser, identity: Identity, set_up: str, answer: bytes) -> None:
    """A provider is a stranger's server: what it sends fails the sign-in, and is no error of ours."""
    location = begin(browser, set_up)
    identity.raw = answer
    assert browser.api.get(set_up).status == 403
    assert browser.open(identity.sign_in(location)).status == 403


def test_a_provider_inside_a_network_is_never_asked(browser: Browser, identity: Identity, set_up: str, internet: Any) -> None:
    internet.names[HOST] = ["169.254.169.254"]
    internet.tried.clear()
    assert browser.api.get(set_up).status == 403 and internet.tried == []


def test_the_setting_is_for_managers_and_shows_no_secret(employer: Api, set_up: str, api: Api) -> None:
    shown = employer.get("/v1/employer/single_sign_on")
    assert (
        SETTING["client_secret"] not in str(shown)
        and shown.json["callback_url"] == f"{BASE_URL}/sso-callback/{employer.employer_id}"
    )
    reader = employer.using(employer.post("/v1/keys", {"scopes": ["read", "write"]}).json["secret"])
    assert reader.get("/v1/employer/single_sign_on").status == 403
    assert api.new_employer(name="Other").get("/v1/employer/single_sign_on").status == 404
    assert employer.delete("/v1/employer/single_sign_on").status == 204
    assert employer.get("/v1/employer/single_sign_on").status == 404
    assert {"single_sign_on_changed", "single_sign_on_removed"} <= {one["what"] for one in employer.get("/v1/audit").json["data"]}


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "http://accounts.google.com"},
        {"issuer": "https://login.microsoftonline.com/common/v2.0"},
        {"issuer": "https://accounts.google.com/"},
        {"domains": []},
        {"domains": ["Example.com"]},
        {"domains": ["example"]},
        {"client_secret": ""},
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(employer: Api, change: Json) -> None:
    answer = employer("PUT", "/v1/employer/single_sign_on", {**SETTING, **change})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"].startswith("/" + next(iter(change)))


def item(issuer: str) -> SsoItem:
    return SsoItem("p", "s", employer_id="emp", issuer=issuer, client_id="c", domains=["example.com"])


def test_google_accounts_must_belong_to_the_workspace() -> None:
    """Anybody can make a Google account with an address of the company that they once read mail at."""
    told = {
        "iss": GOOGLE,
        "aud": "c",
        "exp": START.timestamp() + 9,
        "nonce": "n",
        "email": "a@example.com",
        "email_verified": True,
    }
    with pytest.raises(Refused, match="Workspace"):
        email_of(told, item(GOOGLE), "n", START)
    assert email_of({**told, "hd": "example.com"}, item(GOOGLE), "n", START) == "a@example.com"


def test_microsofts_tenants_say_nothing_about_verification() -> None:
    """The issuer is the employer's own tenant, whose admins set the addresses."""
    issuer = "https://login.microsoftonline.com/6f1c/v2.0"
    told = {"iss": issuer, "aud": "c", "exp": START.timestamp() + 9, "nonce": "n", "email": "A@Example.com"}
    assert email_of(told, item(issuer), "n", START) == "a@example.com"
    with pytest.raises(Refused, match="not verified"):
        email_of({**told, "email_verified": False}, item(issuer), "n", START)
