"""Operations of employers, API keys and people."""

from __future__ import annotations

from chalicelib.accounts.api_keys.responses import ApiKey, NewApiKey
from chalicelib.accounts.api_keys.schema import KeyNew
from chalicelib.accounts.audit.responses import AuditEntry
from chalicelib.accounts.sessions.responses import Me, Session, SignInAccepted, Tokens
from chalicelib.accounts.sessions.schema import RefreshRequest, SignInCode, SignInRequest
from chalicelib.accounts.single_sign_on.responses import SingleSignOn
from chalicelib.accounts.single_sign_on.schema import SingleSignOnIn
from chalicelib.accounts.users.responses import AcceptedInvitation, Person
from chalicelib.accounts.users.schema import InvitationCode, PersonNew, PersonPatch
from chalicelib.api.responses import Nothing
from chalicelib.applications.employers.responses import Employer, OwnAddressOut
from chalicelib.applications.employers.schema import EmployerNew, EmployerPatch, OperatorPatch, OwnAddress
from chalicelib.auth.audit_log import WHATS
from chalicelib.openapi.operation import DESCENDANTS, EMPLOYER_ID, Operation, id_of, one_of, text

_BY_OPERATOR = {"employer_id": EMPLOYER_ID}

OPERATIONS = {
    "POST /v1/employers": Operation(
        "create_employer",
        "Create an employer",
        Employer,
        201,
        takes=EmployerNew,
        tagged=True,
        example={
            "name": "Blue Fern (sample)",
            "timezone": "America/New_York",
            "call_back_name": "Dana Reyes",
            "call_back_phone": "+12025550100",
            "digest_to": ["team@example.com"],
            "policy": {"word_due_hours": 48, "holidays": "US"},
            "trial": True,
        },
    ),
    "GET /v1/employers": Operation("list_employers", "List all employers", Employer, page=True),
    "GET /v1/employers/{id}": Operation("get_employer_as_operator", "Get an employer, as the operator", Employer, tagged=True),
    "PATCH /v1/employers/{id}": Operation(
        "patch_employer_as_operator",
        "Change an employer, as the operator",
        Employer,
        takes=OperatorPatch,
        tagged=True,
        example={"trial": False},
    ),
    "GET /v1/employer": Operation("get_employer", "Get the key's own employer", Employer, tagged=True),
    "PATCH /v1/employer": Operation(
        "patch_employer",
        "Change the key's own employer",
        Employer,
        takes=EmployerPatch,
        tagged=True,
        says="A merge patch at depth: in a policy null takes a field back to its default.",
        example={"digest_to": ["hiring@example.com"], "policy": {"max_nudges": 1, "candidate_window": {"start": "11:00"}}},
    ),
    "GET /v1/employer/addresses": Operation(
        "list_addresses", "List the employer's own addresses", OwnAddressOut, page=True, is_short=True
    ),
    "POST /v1/employer/addresses": Operation(
        "add_address",
        "Verify an address as the employer's own",
        OwnAddressOut,
        201,
        takes=OwnAddress,
        example={"email": "dana@example.com"},
        says="Mails a link to it; a number is for the operator to verify.",
    ),
    "POST /v1/employer/addresses/remove": Operation(
        "remove_address",
        "Forget one of the employer's own addresses",
        Nothing,
        takes=OwnAddress,
        example={"email": "dana@example.com"},
        faults=(404,),
    ),
    "POST /v1/employers/{id}/addresses": Operation(
        "verify_address",
        "Say that an address is the employer's own, as the operator",
        OwnAddressOut,
        201,
        takes=OwnAddress,
        example={"phone": "+12025550100"},
    ),
    "POST /v1/keys": Operation(
        "create_key",
        "Create an API key",
        NewApiKey,
        201,
        takes=KeyNew,
        faults=(404,),
        example={"name": "Careers site", "scopes": ["write"], "expires_at": "2027-05-31T00:00:00Z"},
        says="`secret` is shown once. A key makes keys only with scopes that it has, and that end no later than itself. With the "
        "operator's key name the `employer_id`. Above the limit of keys: 422 `above_limit`.",
    ),
    "GET /v1/keys": Operation(
        "list_keys",
        "List API keys",
        ApiKey,
        page=True,
        query={"employer_id": id_of("emp", "With the operator's key: whose keys.")},
    ),
    "GET /v1/keys/{id}": Operation("get_key", "Get an API key, without its secret", ApiKey, query=_BY_OPERATOR),
    "DELETE /v1/keys/{id}": Operation(
        "revoke_key",
        "Revoke an API key",
        None,
        204,
        query={**_BY_OPERATOR, "descendants": DESCENDANTS},
        says="Ends it at once. Revoking it again changes nothing. `?descendants=true` also revokes every key that it made, "
        "and that those made.",
    ),
    "GET /v1/audit": Operation(
        "list_audit",
        "List who changed access and settings",
        AuditEntry,
        page=True,
        query={
            "since": text("Entries from this instant on.", "2026-06-01T00:00:00Z", format="date-time"),
            "what": one_of(*WHATS, says="Entries of this kind only.", example="key_created"),
        },
        says="Newest first; kept for 400 days. `from` is a network, not an address. Failed attempts are one entry an hour.",
    ),
    "GET /v1/employer/single_sign_on": Operation("get_single_sign_on", "Get the single sign-on", SingleSignOn, faults=(404, 422)),
    "PUT /v1/employer/single_sign_on": Operation(
        "put_single_sign_on",
        "Set up single sign-on",
        SingleSignOn,
        takes=SingleSignOnIn,
        example={
            "issuer": "https://accounts.google.com",
            "client_id": "1234.apps.example",
            "client_secret": "a-secret-of-the-provider",
            "domains": ["acme.example"],
        },
        says="By OpenID Connect: Google, Microsoft (your own tenant's issuer) or any other provider. People of the team whose "
        "verified address is of these domains sign in at `sign_in_url`; nobody else does. Links and codes by mail go on to work.",
    ),
    "DELETE /v1/employer/single_sign_on": Operation(
        "delete_single_sign_on", "Remove single sign-on", None, 204, says="Sessions that it began go on.", faults=(404,)
    ),
    "POST /v1/sign_in": Operation(
        "sign_in",
        "Mail a link and a code to sign in with",
        SignInAccepted,
        202,
        takes=SignInRequest,
        example={"email": "dana@example.com"},
        says="The same answer after the same time, whether the address is known or not, and whether or not a mail was sent: five "
        "an hour go to one address. Nothing is mailed before an invitation is accepted. `Location` is where the code "
        "becomes a session.",
    ),
    "POST /v1/sessions": Operation(
        "create_session",
        "Sign in with a mailed code",
        Tokens,
        201,
        takes=SignInCode,
        example={"email": "dana@example.com", "code": "123456"},
        says="The code of a sign-in mail, or of an invitation, which it accepts. A sign-in code works once, for 15 minutes and "
        "five tries. Any wrong code is 422 `wrong_code`. After five tries within an hour for one address: 429. With an "
        "Idempotency-Key the same request again gets the same tokens.",
        faults=(429,),
        repeatable=True,
    ),
    "POST /v1/sessions/refresh": Operation(
        "refresh_session",
        "Get the next tokens",
        Tokens,
        takes=RefreshRequest,
        example={"refresh_token": "hbr_c2FtcGxl"},
        says="A refresh token works once. Sent a second time, it ends its session: somebody may have stolen it. Send an "
        "Idempotency-Key, so that the same request again gets the same tokens where the answer was lost. 401 "
        "`refresh_token_over`: sign in again.",
        faults=(401,),
        repeatable=True,
    ),
    "GET /v1/me": Operation(
        "get_me",
        "Say whose credential this is",
        Me,
        tagged=True,
        faults=(422,),
        says="`person` or `key`, whichever it is, with its employer and scopes.",
    ),
    "GET /v1/sessions": Operation(
        "list_sessions",
        "List where you are signed in",
        Session,
        page=True,
        query={"person_id": id_of("per", "As a manager, or with a key: whose sessions.")},
        says="The sessions of the person who asks, newest first. `current` marks the one that asks.",
    ),
    "DELETE /v1/sessions/{id}": Operation(
        "delete_session",
        "Sign out of a session",
        None,
        204,
        says="Ends it at once, in whatever browser or app it is. A manager may also end those of colleagues.",
    ),
    "POST /v1/people": Operation(
        "create_person",
        "Let somebody open the pages",
        Person,
        201,
        takes=PersonNew,
        tagged=True,
        example={"name": "Dana Reyes", "email": "dana@example.com", "role": "recruiter"},
        says="Mails one invitation with a link and a 6-digit code. Until it is accepted, nothing else goes to that address. "
        "429 `too_many_mails` where too many were invited within the hour.",
    ),
    "POST /v1/people/{person_id}/invitation": Operation(
        "invite_again",
        "Mail an invitation again",
        Person,
        tagged=True,
        says="For a person who has not accepted: a new link and a new code, and the former ones end. 409 `already_accepted` "
        "where the person has; 429 `too_many_mails` where too many were invited within the hour: the former mail counts then.",
    ),
    "POST /v1/invitations/accept": Operation(
        "accept_invitation",
        "Accept an invitation by its code",
        AcceptedInvitation,
        takes=InvitationCode,
        example={"email": "dana@example.com", "code": "123456"},
        says="For anyone who got the mail; no key is needed. Any wrong code is 422 `wrong_code`. After five tries within an hour "
        "for one address: 429.",
        faults=(429,),
    ),
    "GET /v1/people": Operation("list_people", "List people", Person, page=True),
    "GET /v1/people/{person_id}": Operation("get_person", "Get a person", Person, tagged=True),
    "PATCH /v1/people/{person_id}": Operation(
        "patch_person", "Change a person", Person, takes=PersonPatch, tagged=True, example={"role": "manager"}
    ),
    "DELETE /v1/people/{person_id}": Operation("delete_person", "Remove a person", None, 204, says="Their sessions end at once."),
}
