"""An employer's logo: uploaded by managers, shown on its pages and those of its candidates, removed by it or the operator."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.auth.employers import logo_key
from chalicelib.storage import table
from tests.engines import OPERATOR_KEY
from tests.rules.test_logo import JPEG, chunk, png
from tests.web.conftest import Browser
from tests.web.test_import_page import BOUNDARY, multipart

PAGE = "/settings"
UPLOAD = "/settings/logo"


def upload(browser: Browser, raw: bytes | None, name: str = "logo.png", do: str = "save", **headers: str) -> Browser:
    """Send the form as a browser does, whatever the file is."""
    browser.open(PAGE)
    token = browser.token
    body, _ = multipart({"form_token": token, "do": do}, raw, name)
    body = body.replace(b'name="file"', b'name="logo"').replace(b"Content-Type: text/csv", b"Content-Type: image/png")
    browser.post(UPLOAD, body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}", **headers)
    return browser


def shown(browser: Browser) -> list[tuple[str, str]]:
    """Address and words of each logo of the page."""
    return re.findall(r'<img class="logo" src="([^"]+)" alt="([^"]*)">', browser.html)


def stored(employer: Any) -> Any:
    return table.get(*logo_key(employer.employer_id))


@pytest.fixture
def candidate(api: Any, booked: Any, run_ticks: Any, link_for: Any, clock: Any) -> Any:
    """candidate() -> a browser on the page of a candidate's link."""
    booked(name="Sam Sample", candidate={"email": "sam@example.com", "phone": None})
    clock.advance(hours=51)
    run_ticks()
    link = link_for("/f/")

    def open_page() -> Browser:
        fresh = Browser(api)
        fresh.open(link)
        assert fresh.page.status == 200
        return fresh

    return open_page


def test_a_manager_uploads_a_logo_and_candidates_see_it(signed_in: Any, candidate: Any, api: Any, employer: Any) -> None:
    """By its bytes, under a name that is their hash: for a year, as an image and nothing else."""
    browser = upload(signed_in(), JPEG, "logo.exe")
    assert browser.page.status == 200 and "Saved." in browser.text
    [(url, alt), *_] = shown(browser)
    assert alt == "Acme Robotics" and re.fullmatch(rf"/logo/{employer.employer_id}/[0-9a-f]{{32}}\.jpg", url)
    assert shown(candidate()) == [(url, "Acme Robotics")]
    answer = api.using(None).get(url)
    assert (answer.status, answer.json) == (200, JPEG)
    assert answer.headers["Content-Type"] == "image/jpeg" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "default-src 'none'; sandbox" in answer.headers["Content-Security-Policy"]
    assert "Changed settings (logo)" in browser.text, "in the audit log"


def test_another_logo_takes_the_place_of_the_first(signed_in: Any, api: Any, employer: Any) -> None:
    """The old address leads nowhere. The same file twice is one change."""
    browser = upload(signed_in(), png())
    [(first, _), *_] = shown(browser)
    revision = table.get(f"EMP#{employer.employer_id}", "EMP").revision  # type: ignore[union-attr]
    upload(browser, png())
    assert browser.page.status == 200 and shown(browser)[0][0] == first
    assert table.get(f"EMP#{employer.employer_id}", "EMP").revision == revision  # type: ignore[union-attr]
    upload(browser, png(9, 9))
    [(second, _), *_] = shown(browser)
    assert (api.get(first).status, api.get(second).json) == (404, png(9, 9)) and first != second


def test_removing_the_logo_leaves_nothing(signed_in: Any, candidate: Any, api: Any, employer: Any) -> None:
    """Neither in the table nor on a page. Twice is as once."""
    browser = upload(signed_in(), png())
    [(url, _), *_] = shown(browser)
    for _ in range(2):
        upload(browser, None, do="remove")
        assert browser.page.status == 200 and shown(browser) == [] and "Acme Robotics" in browser.text
    assert stored(employer) is None and api.get(url).status == 404 and shown(candidate()) == []


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"<!doctype html><script>alert(1)</script>", "Logo must be a PNG or JPEG image; this file is HTML or XML"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "this file is an SVG drawing"),
        (png(after=b"<script>alert(1)</script>"), "Logo goes on for 25 bytes after the image ends"),
        (png(extra=chunk(b"acTL", bytes(8))), "Logo is an animated PNG"),
        (png(20_000, 1), "Logo is 20,000 × 1 pixels; it may be at most 1,024 × 1,024"),
        (b"", "Logo is empty: choose a PNG or JPEG file"),
        (png(noise=bytes(70_000)), "Logo has 70,081 bytes; it may have at most 65,536 (64 KB)"),
        (png(noise=bytes(2_000_000)), "it may have at most 65,536 (64 KB)"),
    ],
)
def test_a_wrong_file_is_refused_at_the_field_and_changes_nothing(signed_in: Any, employer: Any, raw: bytes, why: str) -> None:
    """The page says what was found. The logo of before stays."""
    browser = upload(signed_in(), png())
    before = shown(browser)[0]
    upload(browser, raw)
    assert browser.page.status == 422 and why in browser.text
    assert 'href="#logo"' in browser.html and 'id="logo-problem"' in browser.html and shown(browser)[0] == before
    assert stored(employer).data == png()


def test_ten_megabytes_are_not_read(signed_in: Any, employer: Any) -> None:
    """The fault says how much came, also of a body that is no form at all."""
    browser = upload(signed_in(), bytes(10_000_000))
    assert browser.page.status == 422 and "Logo has about 10,000,3" in browser.text and stored(employer) is None


def test_only_managers_of_the_same_page_change_it(signed_in: Any, employer: Any) -> None:
    """Not recruiters, not other sites, not a form without its token, not a suspended employer, not strangers."""
    robin = signed_in()
    sam = signed_in("recruiter", "Sam Hale", "sam.hale@example.com")
    sam.open(PAGE)
    assert UPLOAD not in sam.html
    assert upload(sam, png()).page.status == 403 and "This is for managers" in sam.text
    assert upload(robin, png(), Origin="https://evil.example", Sec_Fetch_Site="cross-site").page.status == 403
    body, kind = multipart({"form_token": "x", "do": "save"}, png())
    assert robin.post(UPLOAD, body, Content_Type=kind).status == 403
    robin.api.using(OPERATOR_KEY).patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    assert upload(robin, png()).page.status == 403
    stranger = Browser(robin.api)
    stranger.post(UPLOAD, body, Content_Type=kind)
    assert stranger.path.startswith("/sign-in") and stored(employer) is None


def test_another_employer_neither_sees_nor_changes_it(signed_in: Any, api: Any, employer: Any) -> None:
    """Its own id with the same name leads nowhere, and so does no name at all."""
    browser = upload(signed_in(), png())
    name = shown(browser)[0][0].rpartition("/")[2]
    other = api.new_employer(name="Blue Fern")
    other_id = other.get("/v1/employer").json["id"]
    paths = [
        f"/logo/{other_id}/{name}",
        f"/logo/{employer.employer_id}/x.png",
        f"/logo/{employer.employer_id}/None",
        f"/logo/x/{name}",
    ]
    assert [api.get(path).status for path in paths] == [404] * 4
    assert table.get(*logo_key(other_id)) is None and stored(employer).data == png()


def test_it_stands_apart_from_its_employer_under_a_name_that_never_changes(signed_in: Any, employer: Any) -> None:
    """Other versions read it there."""
    upload(signed_in(), png())
    [found] = table.query(f"EMP#{employer.employer_id}#LOGO")
    assert (found.SK, found.data) == ("LOGO", png())


def test_the_logo_of_a_suspended_employer_is_not_served(signed_in: Any, candidate: Any, api: Any, employer: Any) -> None:
    """It is back when the suspension ends."""
    browser = upload(signed_in(), png())
    [(url, _), *_] = shown(browser)
    operator = api.using(OPERATOR_KEY)
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    browser.open("/")
    assert api.get(url).status == 404 and shown(browser) == [] and shown(candidate()) == []
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": False})
    assert api.get(url).status == 200


def test_the_operator_removes_a_logo(signed_in: Any, api: Any, operator: Any, employer: Any) -> None:
    """Also of an employer that is suspended. The employer's audit log says who did."""
    browser = upload(signed_in(), png())
    [(url, _), *_] = shown(browser)
    page = f"/operator/{employer.employer_id}"
    opened = Browser(api)
    opened.open("/operator")
    opened.submit("/operator/key", key=operator.key)
    opened.open(page)
    assert shown(opened) == [(url, "Acme Robotics")]
    opened.submit(page, do="suspend")
    assert shown(opened) == [] and "Not shown while the employer is suspended" in opened.text
    opened.submit(page, do="remove_logo")
    assert "Saved." in opened.text and "Remove logo" not in opened.text and stored(employer) is None
    opened.submit(page, do="unsuspend")
    assert api.get(url).status == 404
    browser.open(PAGE)
    assert "Operator Changed settings (logo)" in browser.text


def test_a_lost_answer_of_the_table_leaves_the_logo_whole(signed_in: Any, api: Any, employer: Any, faults: Any) -> None:
    """The name and the bytes are written together, or neither."""
    browser = signed_in()
    faults.lose_response("TransactWriteItems", where="#LOGO")
    upload(browser, png())
    browser.open(PAGE)
    [(url, _), *_] = shown(browser)
    assert api.get(url).json == png() == stored(employer).data


def test_mails_carry_no_logo(signed_in: Any, candidate: Any, outbox: Any, employer: Any, booked: Any) -> None:
    """Mail of strangers with pictures is trusted less, and a picture that is fetched would tell when somebody reads."""
    upload(signed_in(), png())
    assert outbox.to("sam@example.com") and not any("/logo/" in str(entry) or "<img" in str(entry) for entry in outbox)
