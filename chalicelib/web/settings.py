"""The settings page: call-back contact, digest, and reminders with a preview."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.accounts.addresses.routes import send_links
from chalicelib.accounts.api_keys import service as keys
from chalicelib.accounts.sessions.routes import serialize_session
from chalicelib.accounts.users import service as people
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.employers import policies, service
from chalicelib.auth import invitations, session_store
from chalicelib.auth.api_keys import KeyItem
from chalicelib.auth.audit_log import Entries
from chalicelib.auth.employers import policy_of
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Unprocessable
from chalicelib.rules.canonical import canonical_name
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS
from chalicelib.rules.copy.language import catalogue, language_of
from chalicelib.rules.employer import Employer, Zone
from chalicelib.rules.model import CallBack
from chalicelib.storage import sms_spend, table
from chalicelib.web import field_errors, page_support, reminder_previews, settings_form

ROLES = {"recruiter": "Recruiter: works the call list", "manager": "Manager: also changes settings, people and keys"}
AUDIT_SHOWN, AUDIT_SHOWN_MOST = 20, 500
WHATS = {
    "sign_in": "Signed in",
    "sign_in_failed": "Sign-in failed",
    "auth_failed": "Refused an API key",
    "key_created": "Created an API key",
    "key_revoked": "Revoked an API key",
    "person_invited": "Invited a person",
    "role_changed": "Changed a role",
    "address_changed": "Changed an address",
    "person_removed": "Removed a person",
    "export": "Exported data",
    "erasure": "Erased a candidate",
    "settings_changed": "Changed settings",
    "limits_changed": "Changed limits",
    "suspended": "Suspended the employer",
    "unsuspended": "Ended the suspension",
    "invitation_accepted": "Accepted an invitation",
    "session_revoked": "Signed out of another browser",
    "signed_out_everywhere": "Signed out everywhere",
    "connection_created": "Connected a hiring system",
    "connection_changed": "Changed a hiring system",
    "connection_removed": "Removed a hiring system",
    "webhook_created": "Added a webhook",
    "webhook_changed": "Changed a webhook",
    "webhook_removed": "Removed a webhook",
    "webhook_secret_rotated": "Replaced a webhook's secret",
    "import_profile_changed": "Changed an import profile",
    "own_address_added": "Added an own address",
    "own_address_verified": "Verified an own address",
    "own_address_removed": "Removed an own address",
    "refresh_token_reused": "Used refresh token sent again: session ended",
    "single_sign_on_changed": "Changed single sign-on",
    "single_sign_on_removed": "Removed single sign-on",
}
INVITE = {"person_name": "Name", "person_email": "Work email", "person_role": "Role"}
NEW_KEY = {"key_name": "Name of the key", "scopes": "It may: this choice"}
KEY_FIELDS = {"name": "key_name", "scopes": "scopes"}
"""Labels of the forms that add somebody and make a key; the API's fields by theirs."""
KEY_DAYS = {"": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings"""
    return page(request, visitor, visitor.employer, saved=request.query.get("saved") == ["yes"])


def save(request: Request, visitor: Visitor) -> Response:
    """POST /settings: saves one section."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    try:
        origin = page_support.origin(request, visitor)
        fields = settings_form.patch_of(given, visitor.employer, request.now)
        item = service.change(visitor.employer.id, fields, None, request.now, origin=origin)
        send_links(item, visitor.employer, request.network, request.now)
    except Unprocessable as error:
        problems = settings_form.problems_of(error)
        return page(request, visitor, visitor.employer, 422, problems=problems, typed=given)
    return page_support.see_other(request, "/settings?saved=yes")


def preview(request: Request, visitor: Visitor) -> Response:
    """POST /settings/preview: shows the reminders under the form's settings, and saves nothing."""
    given = page_support.form(request, visitor)
    problems: dict[str, str] = {}
    employer = visitor.employer
    try:
        employer = _with_fields(visitor, settings_form.patch_of(given, employer, request.now))
    except Unprocessable as error:
        problems = settings_form.problems_of(error)
    if request.headers.get("hx-request"):
        return page_support.page(
            "preview.html",
            request,
            visitor,
            **_previews(employer, given, request.now),
            problems=problems,
            window=reminder_previews.send_window_of(employer),
        )
    return page(request, visitor, employer, problems=problems, previewed=not problems, typed=given)


def _previews(employer: Employer, given: Form | None, now: datetime) -> dict[str, Any]:
    """Return the reminders in the language that the form asks for, else in the employer's."""
    language = language_of(given.one("preview_language") if given else None, employer.policy.language)
    return {"previews": reminder_previews.previews(employer, now, language), "said": catalogue(language)}


def _with_fields(visitor: Visitor, fields: dict[str, Any]) -> Employer:
    """Return the employer with these fields, checked as when they are saved. Raises Unprocessable."""
    item, before = visitor.employer_item, visitor.employer
    stored = policies.merged(item.policy, fields["policy"])
    policies.check(stored)
    policy = policy_of(stored, item.countries or ())
    contact = {name: fields.get(f"call_back_{name}", getattr(before.call_back, name)) for name in ("name", "phone", "email")}
    return replace(
        before,
        call_back=CallBack(**contact),
        timezone=Zone.of(fields.get("timezone") or before.timezone, policy),
        digest_to=tuple(fields.get("digest_to", before.digest_to) or ()),
        policy=policy,
    )


def page(
    request: Request,
    visitor: Visitor,
    employer: Employer,
    status: int = 200,
    *,
    problems: dict[str, str] | None = None,
    saved: bool = False,
    previewed: bool = False,
    secret: str | None = None,
    typed: Form | None = None,
    added: Form | None = None,
) -> Response:
    """Render the settings page. `added` is the form of an invitation or a key that could not be made."""
    spent = table.get_many(sms_spend.keys_of(employer.id, request.now))
    return page_support.page(
        "settings.html",
        request,
        visitor,
        status,
        employer=employer,
        policy=employer.policy,
        typed=settings_form.shown(visitor.employer, typed),
        added=field_errors.typed(added, {**INVITE, "key_name": ""}, {"person_role": "recruiter"}),
        scopes=added.get("scopes", []) if added is not None else ["read"],
        problems=problems or {},
        saved=saved,
        previewed=previewed,
        window=reminder_previews.send_window_of(employer),
        warnings=policies.warnings(employer, next(iter(spent.values()), None)),
        secret=secret,
        test=next(iter(request.query.get("test", ())), ""),
        **_previews(employer, typed, request.now),
        **_choices(),
        **_team(request, visitor),
    )


def _choices() -> dict[str, Any]:
    """Return labels and choices, the same for everybody."""
    return {
        "fields": {**settings_form.FIELDS, **INVITE, **NEW_KEY},
        "sections": settings_form.SECTIONS,
        "day_names": reminder_previews.DAY_NAMES,
        "nudges": settings_form.NUDGES,
        "languages": settings_form.languages(),
        "yes_no": settings_form.YES_NO,
        "link_choices": settings_form.LINKS,
        "hours": settings_form.HOURS,
        "dates": settings_form.DATES,
        "roles": ROLES,
        "key_days": KEY_DAYS,
        "most": SMS_SEPTETS,
        "whats": WHATS,
    }


def _team(request: Request, visitor: Visitor) -> dict[str, Any]:
    """Return the visitor's sessions, and for managers the team, its keys and what was done."""
    employer_id, now = visitor.employer.id, request.now
    sessions = session_store.of_employer(employer_id)
    audited = AUDIT_SHOWN_MOST if request.query.get("activity") == ["all"] else AUDIT_SHOWN
    own = session_store.of_person(visitor.person, now, sessions)
    for_managers: dict[str, list[Any]] = {"people": [], "keys": [], "audit": []}
    if visitor.is_manager:
        for_managers = {
            "people": sorted(people.of_employer(employer_id), key=lambda one: canonical_name(one.name)),
            "keys": _usable_first(keys.of_employer(employer_id), now),
            "audit": Entries(employer_id, now).newest(audited),
        }
    return {
        **for_managers,
        "audited": audited,
        "audited_most": AUDIT_SHOWN_MOST,
        "last_seen": lambda person: session_store.last_seen(person, sessions, now),
        "invitation_is_open": lambda person: invitations.is_open(person, now),
        "sessions": [serialize_session(one, visitor.session.id) for one in own],
    }


def _usable_first(found: list[KeyItem], now: datetime) -> list[KeyItem]:
    """Return the keys that still work, newest first, before those that were revoked or have expired."""
    return sorted(found, key=lambda key: bool(key.revoked_at or (key.ends_at and key.ends_at <= now)))
