"""Opting out by link: one press ends mail to its address, for every employer, for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.employers import service as employers
from chalicelib.applications.employers.serializers import serialize_employer
from chalicelib.config import settings
from chalicelib.messaging import opt_outs
from chalicelib.signing import sign_token
from chalicelib.storage import recipients
from tests.engines import BASE_URL, Api

EMAIL, PHONE = "Sam@example.com", "+12025550123"


def link(clock: Any, email: str = EMAIL) -> str:
    url = opt_outs.unsubscribe_url(email, clock())
    assert url.startswith(BASE_URL + "/u/")
    return url.removeprefix(BASE_URL)


def test_opening_the_link_changes_nothing(api: Api, clock: Any) -> None:
    """Mail scanners open every link."""
    page = api.get(link(clock))
    assert page.status == 200
    assert "<button" in page.json and 'method="post"' in page.json
    assert page.headers["Content-Type"].startswith("text/html")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert recipients.opted_out(recipients.addresses_of(EMAIL, PHONE)) == set()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        ("application/x-www-form-urlencoded", b""),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/json", b"{"),
        ("", b"\xff\x00"),
    ],
)
def test_one_post_ends_mail_whatever_it_carries(api: Api, clock: Any, content_type: str, body: bytes) -> None:
    """RFC 8058: mail programs post a form without cookies; the page's button posts nothing."""
    for _ in range(2):
        assert api.post(link(clock), body, headers={"Content-Type": content_type}).status == 200
    assert recipients.opted_out([("email", "sam@EXAMPLE.com"), ("sms", PHONE)]) == {("email", "sam@EXAMPLE.com")}


def test_an_older_link_that_names_a_number_too_ends_mail_alone(api: Api, clock: Any) -> None:
    """A record may have paired a stranger's number with the mailbox: the link came by mail and speaks for no number."""
    hashes = [b"e" + bytes.fromhex(recipients.hash_of("email", EMAIL)), b"s" + bytes.fromhex(recipients.hash_of("sms", PHONE))]
    token = sign_token(settings().sign, "unsubscribe", b"".join(hashes), clock() + timedelta(days=1))
    assert api.post(f"/u/{token}").status == 200
    assert recipients.opted_out([("email", EMAIL), ("sms", PHONE)]) == {("email", EMAIL)}


def test_a_second_opt_out_keeps_the_first_time(stack: Any, clock: Any) -> None:
    """The record shows since when; addresses that were not opted out yet are added."""
    first = clock()
    opt_outs.opt_out([("sms", PHONE)], "stop_word", first)
    opt_outs.opt_out(recipients.addresses_of(EMAIL, PHONE), "link", clock.advance(days=3))
    known = stack.table.get(*recipients.key_of("sms", PHONE))
    assert (known.opted_out_at, known.source) == (first, "stop_word")
    assert recipients.opted_out([("email", EMAIL), ("sms", PHONE)]) == {("email", EMAIL), ("sms", PHONE)}


def test_no_address_is_stored_and_none_is_in_the_link(api: Api, stack: Any, clock: Any) -> None:
    """An opt-out is kept without keeping the person's address."""
    path = link(clock)
    api.post(path)
    raw = str(stack.table.client().scan(TableName=stack.table.Item.Meta.table_name)["Items"])
    for text in (raw, path, api.get(path).json):
        assert "sam@example.com" not in text.lower() and "2025550123" not in text


def test_a_link_lasts_400_days_and_then_says_so(api: Api, clock: Any) -> None:
    """Laws ask for 60 days; a person with an older mail is told where to write."""
    path = link(clock)
    clock.advance(days=399)
    assert api.get(path).status == 200
    clock.advance(days=2)
    for method in ("GET", "POST"):
        page = api(method, path)
        assert page.status == 410
        assert "expired" in page.json
    assert recipients.opted_out([("email", EMAIL)]) == set()


@pytest.mark.parametrize("token", ["x", "%00", "A" * 500, "A" * 5000, "%F0%9F%98%80", "..%2F..", "{token}"])
def test_a_broken_link_gets_a_friendly_page(api: Api, clock: Any, token: str) -> None:
    """Mail programs cut long lines."""
    whole = link(clock)
    for path in (f"/u/{token}", whole[:-1], whole + "A", whole[:-5] + "AAAAA"):
        for method in ("GET", "POST"):
            page = api(method, path)
            assert page.status == 404
            assert "does not work" in page.json
            assert "{token}" not in page.json
    assert recipients.opted_out([("email", EMAIL)]) == set()


def test_a_failing_table_is_shown_on_the_page(api: Api, clock: Any, faults: Any) -> None:
    """Nobody should believe that it worked. Mail programs try again on a 503."""
    faults.answer("TransactWriteItems", 500, "InternalServerError", times=None)
    page = api.post(link(clock))
    assert page.status == 503
    assert "try again" in page.json


def test_after_a_lost_response_a_second_press_succeeds(api: Api, clock: Any, faults: Any) -> None:
    """The first press may have worked."""
    faults.lose_response("TransactWriteItems", times=None)
    path = link(clock)
    assert api.post(path).status == 503
    faults.clear()
    assert api.post(path).status == 200
    assert recipients.opted_out([("email", EMAIL)]) == {("email", EMAIL)}


def test_an_opt_out_of_many_is_read_in_batches(stack: Any, clock: Any) -> None:
    """Delivery checks a chunk of people at once."""
    people = [("sms", f"+1202555{number:04}") for number in range(130)]
    opt_outs.opt_out([people[7], people[120]], "stop_word", clock() - timedelta(days=1))
    assert recipients.opted_out(people) == {people[7], people[120]}
    assert recipients.opted_out([]) == set()


def test_an_address_of_several_applications_is_not_opted_out(sending: Any) -> None:
    """The count of applications is stored on the same item, which therefore exists without an opt-out."""
    sending.interviewed(phone=PHONE)
    sending.interviewed(sending.new_employer(), phone=PHONE)
    assert recipients.opted_out([("sms", PHONE)]) == set()
    assert opt_outs.opt_out([("sms", PHONE)], "link", sending.clock())
    assert recipients.opted_out([("sms", PHONE)]) == {("sms", PHONE)}


def test_the_link_of_a_digest_ends_that_digest_alone(sending: Any, api: Api) -> None:
    """Her reminders as a candidate elsewhere go on; the employer is told, and can enter her again."""
    hers = "hr@acme.example"
    fern, acme = (sending.new_employer(name=name, digest_to=[hers], policy={"escalate_to": [hers]}) for name in ("Fern", "Acme"))
    now = sending.clock()
    path = opt_outs.digest_url(acme.id, False, hers, now).removeprefix(BASE_URL)
    assert "Stop this digest" in api.get(path).json and employers.read(acme.id).digest_to == [hers], "opening changes nothing"
    for _ in range(2):
        assert api.post(path).status == 200
    assert recipients.opted_out([("email", hers)]) == set()
    item = employers.read(acme.id)
    assert (item.digest_to, item.policy["escalate_to"], employers.read(fern.id).digest_to) == ([], [hers], [hers])
    [warning] = [one for one in serialize_employer(item).warnings if one.code == "digest_unsubscribed"]
    assert hers in warning.detail
    again = employers.change(acme.id, {"digest_to": [hers]}, None, now)
    assert again.digest_to == [hers] and again.digest_ended is None
    assert api.post(opt_outs.digest_url(acme.id, True, hers, now).removeprefix(BASE_URL)).status == 200
    item = employers.read(acme.id)
    assert (item.digest_to, item.policy.get("escalate_to")) == ([hers], None)
