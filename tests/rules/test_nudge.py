"""The nudge: who it comes from, who to call and where, in one segment, without a stranger's links."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.rules.copy.email import CALL_SCRIPT, nudge
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.segment import gsm_text, truncate
from chalicelib.rules.copy.sms import NudgeFields, sms_text
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import STAGES, CallBack, Candidate

DANA = CallBack("Dana Reyes", "+12025550101", "dana@example.com")
ACME = Employer("emp_1", "Acme Robotics", "America/New_York", DANA)
JANE = Candidate("cand_1", "Jane Doe", "jane@example.com", "+12025550123", True, sms_consent_at=datetime(2026, 11, 1, tzinfo=UTC))
NAMED = ("Heardback", "Acme Robotics", "Jane Doe", "Dana Reyes", "+12025550101")
URL = "https://heardback.example/u/token?a=1&b=2"


def write(
    channel="sms",
    number=1,
    employer=ACME,
    candidate=JANE,
    call_back=DANA,
    job="Welder",
    stage="final",
    kind="call",
    url=URL,
    answer_url=None,
):
    return nudge(
        number,
        channel,
        employer=employer,
        candidate=candidate,
        call_back=call_back,
        job_title=job,
        stage=stage,
        unsubscribe_url=url,
        kind=kind,
        answer_url=answer_url,
    )


class Links(HTMLParser):
    """Reads a page as a mail client would: its links, its text, its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links, self.elements, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_data(self, data):
        self.words.append(data)


names = st.text(max_size=200)
phones = st.integers(10**6, 10**15 - 1).map(lambda number: f"+{number}")
addresses = st.one_of(st.emails(), st.just("x" * 64 + "@" + "y" * 180 + ".example"), st.just("josé@exámple.org"))
call_backs = st.one_of(
    st.builds(CallBack, name=st.none() | names, phone=phones, email=st.none() | addresses),
    st.builds(CallBack, name=st.none() | names, email=addresses),
)
longest = CallBack("W" * 200, "+123456789012345")


@given(names, names, names, call_backs, st.sampled_from(STAGES), st.integers(1, 5), st.sampled_from(("call", "email_reply")))
@example("E" * 200, "P" * 200, "J" * 200, longest, "screen", 1, "call")
@example("€" * 200, "{" * 200, "[" * 200, replace(longest, name="€" * 200), "final", 2, "call")
@example("王", "伟", "", CallBack("王", "+123456789012345"), "final", 1, "call")
def test_a_text_is_exactly_one_segment_whatever_the_names(employer, person, job, call_back, stage, number, kind):
    """A text that arrives in two halves is not trusted."""
    jane, acme = replace(JANE, name=person), replace(ACME, name=employer)
    text = write("sms", number, acme, jane, call_back, job, stage, kind).text
    split = smsutil.split(text)
    assert split.encoding == "gsm0338" or smsutil.is_valid_gsm(text)
    assert len(split.parts) == 1
    assert septets(text) <= SMS_SEPTETS
    assert text.startswith("Heardback for ") and text.endswith(" STOP to opt out")
    assert "\n" not in text and "  " not in text
    if call_back.phone and not (kind == "email_reply" and call_back.email):
        assert call_back.phone in text


@pytest.mark.parametrize("number", [1, 2])
def test_a_text_names_the_employer_who_to_call_and_the_number(number):
    """It comes from a stranger and must say at once what it is."""
    text = write(number=number).text
    for part in NAMED:
        assert part in text


def test_a_text_reads_like_this():
    """This is what lands on a phone."""
    assert write(stage="interview").text == (
        "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your interview for Welder? "
        "Do call Dana Reyes on +12025550101. STOP to opt out"
    )
    assert write(number=2, stage="interview").text == (
        "Heardback for Acme Robotics: Hi Jane Doe, still no word after your interview? "
        "It is fine to ask again: call Dana Reyes on +12025550101. STOP to opt out"
    )


def test_a_name_is_cut_after_a_whole_word_where_that_costs_little():
    """ "Acme Robotics (s..." looks like fraud beside a link; a name of one long word is cut where it must be."""
    link = "https://heardback.example/f/" + "x" * 28
    text = write(employer=replace(ACME, name="Acme Robotics (sample)"), answer_url=link).text
    assert text.startswith("Heardback for Acme Robotics...: No word yet? Call Dana Reyes on ") and link in text
    text = write(employer=replace(ACME, name="Donaudampfschifffahrt & Co"), answer_url=link).text
    assert text.startswith("Heardback for Donaudampfsch")


def test_an_unknown_name_or_job_leaves_no_gap():
    """ "Hi ," or "your interview for ?" reads like a broken machine."""
    assert "Hi" not in write(candidate=replace(JANE, name="王伟")).text
    assert " for ?" not in write(job="焊工", stage="interview").text
    assert "call the hiring team on +12025550101" in write(call_back=replace(DANA, name=None)).text


@pytest.mark.parametrize("name", ["李 (小龍)", "(王伟)", "李-王", "[社]", "「株」・()", "…", "( ( ) )", "👩‍💼 (👍)"])
def test_a_name_that_a_text_cannot_spell_leaves_no_empty_signs(name):
    """What is left of it are signs: "Heardback for (): Hi (), call - on +1202..." reads like fraud."""
    link = "https://heardback.example/f/" + "a" * 32
    for number, answer_url in ((1, None), (2, None), (1, link)):
        text = write(
            number=number,
            employer=replace(ACME, name=name),
            candidate=replace(JANE, name=name),
            call_back=replace(DANA, name=name),
            job=name,
            answer_url=answer_url,
        ).text
        assert "()" not in text and "[]" not in text and "( )" not in text
        assert text.startswith(("Heardback for your interviewer: ", "Heardback for an employer: ")), text
        assert "the hiring team on +12025550101" in text or "the team on +12025550101" in text
        assert "Hi" not in text.split(":")[1]


def test_brackets_go_with_the_words_that_a_text_cannot_spell():
    """The rest of the name stays."""
    assert write(employer=replace(ACME, name="Acme (株式会社) Japan")).text.startswith("Heardback for Acme Japan: ")
    assert write(employer=replace(ACME, name="Acme (Japan)")).text.startswith("Heardback for Acme (Japan): ")


def test_numbers_and_addresses_are_never_shortened():
    """A shortened number is a wrong number."""
    assert "+123456789012345" in write(call_back=longest).text
    assert "..." in write(call_back=longest).text
    too_long = write(call_back=CallBack("Dana", None, "d" * 64 + "@" + "e" * 60 + ".example")).text
    assert "@" not in too_long and "Answer the mail that invited you" in too_long


def test_words_that_stand_for_a_name_are_never_cut():
    """ "Heardback for your interv..." reads like fraud. Half the world's names have no letter in a text."""
    link = "https://heardback.example/f/" + "a" * 32
    for employer, callee in (("株式会社", "D" * 60), ("A" * 60, "李小龍"), ("株式会社", "李小龍")):
        who = NudgeFields(
            "Sam", employer, callee, "+12025550101", calls=True, job="焊工", stage="interview", email=None, link=link
        )
        for one in (who, replace(who, link=None, person="P" * 60)):
            text = sms_text(1, one)
            assert septets(text) <= SMS_SEPTETS and "interv..." not in text
            if employer == "株式会社":
                assert text.startswith(("Heardback for your interviewer: ", "Heardback for an employer: "))
            if callee == "李小龍":
                assert "all the hiring team on" in text or "all the team on" in text


@pytest.mark.parametrize("name", ["Win at evil.example", "https://evil.example", "Call 900 555 0199", "a@evil.example"])
def test_a_name_that_carries_a_link_or_a_number_is_not_repeated(name):
    """Anybody can type a stranger's number and a link into a form: our text must not carry it."""
    for channel in ("sms", "email"):
        message = write(channel, candidate=replace(JANE, name=name))
        assert name not in message.text
        assert "evil" not in (message.html or "")
    assert write(candidate=replace(JANE, name="Dr. J.R. O'Neil-Smith")).text.count("O'Neil") == 1


@pytest.mark.parametrize("number", [1, 2])
def test_an_email_says_the_same_in_plain_text_and_in_html(number):
    """For text clients and screen readers."""
    message = write("email", number)
    page = " ".join(Links(message.html).words)
    for part in (
        "Heardback",
        "Acme Robotics",
        "Jane Doe",
        "Dana Reyes",
        "+12025550101",
        "dana@example.com",
        "Welder",
        *CALL_SCRIPT,
    ):
        assert part in message.text
        assert part in page
    assert (message.to, message.channel, message.unsubscribe_url) == ("jane@example.com", "email", URL)
    assert "Acme Robotics" in message.subject


def test_the_second_email_differs_from_the_first():
    """The same words twice look like a machine gone wrong."""
    assert write("email", 1).subject != write("email", 2).subject
    assert write("email", 1).text != write("email", 2).text
    assert write("email", 2).text == write("email", 3).text


def test_an_email_has_a_call_button_and_an_unsubscribe_link():
    """In this order, with the address to write to between them."""
    links = Links(write("email").html).links
    assert links == ["tel:+12025550101", "mailto:dana@example.com?subject=My%20final%20interview%20for%20Welder", URL]
    assert URL in write("email").text
    assert 'href="https://heardback.example/u/token?a=1&amp;b=2"' in write("email").html


def test_without_an_unsubscribe_link_there_is_no_empty_one():
    """Some recipients cannot unsubscribe by a link."""
    message = write("email", url=None)
    assert "nsubscribe" not in message.text + message.html
    assert message.unsubscribe_url is None


@pytest.mark.parametrize(("call_back", "kind"), [(DANA, "email_reply"), (replace(DANA, phone=None), "call")])
def test_the_button_writes_where_the_policy_says_so_or_there_is_no_number(call_back, kind):
    """By the policy, or where there is no number."""
    message = write("email", call_back=call_back, kind=kind)
    assert Links(message.html).links[0].startswith("mailto:dana@example.com?")
    assert "tel:" not in message.html
    assert "Write to Dana Reyes: dana@example.com" in message.text
    assert "write to Dana Reyes at dana@example.com" in write(call_back=call_back, kind=kind, stage="interview").text


def test_a_subject_asks_for_what_the_mail_makes_possible():
    """ "Who to call" above a mail without a number would mislead."""
    assert write("email").subject.endswith("who to call for news")
    assert write("email", call_back=CallBack(None, None, "dana@example.com")).subject.endswith("who to ask for news")


def test_without_an_address_the_candidate_is_asked_to_call():
    """Though the policy prefers email."""
    assert "call Dana Reyes on +12025550101" in write(call_back=replace(DANA, email=None), kind="email_reply").text


def test_nobody_to_ask_is_an_error_and_not_a_message():
    """A nudge without anybody to call must not be sent."""
    with pytest.raises(ValueError, match="neither a number nor an address"):
        write(call_back=CallBack("Dana"))
    with pytest.raises(ValueError, match="nothing to reach by email"):
        write("email", candidate=replace(JANE, email=None))


@given(names, names, names, call_backs)
@example("<script>alert(1)</script>", '"><img src=x>', "</title><a href='//evil'>", replace(DANA, name="<b>Dana</b>&amp;"))
@example("Acme\r\nBcc: all@example.com", "${employer}", "$$", DANA)
def test_what_people_typed_never_becomes_markup_or_a_header(employer, person, job, call_back):
    """Names come from strangers."""
    message = write("email", 1, replace(ACME, name=employer), replace(JANE, name=person), call_back, job)
    plain = write("email", 1, call_back=replace(call_back, name="Dana"))
    assert Links(message.html).elements == Links(plain.html).elements
    assert len(message.subject.splitlines()) == 1
    assert not any(ord(character) < 32 for character in message.subject)


def test_a_right_to_left_override_is_taken_out():
    """It would turn the number beside the name around."""
    assert "\u202e" not in write("email", call_back=replace(DANA, name="Dana\u202e Reyes")).text


LINK = "https://heardback.example/f/k3v9q2"


@pytest.mark.parametrize(
    ("number", "changes", "text"),
    [
        (
            1,
            {"stage": "interview", "job": "Cook", "call_back": CallBack("Dana", "+12025550101")},
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your interview for Cook? "
            "Do call Dana on +12025550101 and ask where you stand. STOP to opt out",
        ),
        (
            1,
            {"stage": "screen", "job": ""},
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your screening call? "
            "Do call Dana Reyes on +12025550101 and ask where you stand. STOP to opt out",
        ),
        (
            1,
            {"stage": "screen", "job": "", "candidate": replace(JANE, name="Jane Alexandra Doe-Smith")},
            "Heardback for Acme Robotics: Hi Jane Alexandra Doe-Smith, no word yet after your screening call? "
            "Do call Dana Reyes on +12025550101. STOP to opt out",
        ),
        (
            1,
            {"stage": "screen", "job": "", "call_back": CallBack(None, None, "dana@example.com")},
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your screening call? "
            "Do write to the hiring team at dana@example.com. STOP to opt out",
        ),
        (
            2,
            {"stage": "screen", "job": ""},
            "Heardback for Acme Robotics: Hi Jane Doe, still no word after your screening call? "
            "It is fine to ask again: call Dana Reyes on +12025550101. STOP to opt out",
        ),
        (
            2,
            {
                "employer": replace(ACME, name="Acme"),
                "stage": "interview",
                "job": "Cook",
                "call_back": replace(DANA, name="Dana"),
            },
            "Heardback for Acme: Hi Jane Doe, still no word after your interview for Cook? "
            "It is fine to ask again: call Dana on +12025550101. STOP to opt out",
        ),
        (
            3,
            {"candidate": replace(JANE, name="王伟"), "job": "Cook"},
            "Heardback for Acme Robotics: Still no word after your final interview? "
            "Do call Dana Reyes on +12025550101. STOP to opt out",
        ),
        (
            1,
            {"call_back": CallBack(None, None, "josé@example.com")},
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your final interview for Welder? "
            "Do write to the hiring team at josé@example.com. STOP to opt out",
        ),
        (
            1,
            {"call_back": CallBack(None, None, "zoë@example.com")},
            "Heardback for Acme Robotics: No word yet after your final interview? "
            "Answer the mail that invited you, and ask. STOP to opt out",
        ),
        (
            1,
            {"answer_url": LINK, "stage": "interview", "job": "Cook"},
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet? Call Dana Reyes on +12025550101. "
            "Heard? https://heardback.example/f/k3v9q2 STOP to opt out",
        ),
        (
            2,
            {"answer_url": LINK, "stage": "interview", "job": "Cook"},
            "Heardback for Acme Robotics: Hi Jane Doe, still no word? Call Dana Reyes on +12025550101. "
            "Heard? https://heardback.example/f/k3v9q2 STOP to opt out",
        ),
        (
            1,
            {
                "answer_url": "https://h.example/f/k",
                "stage": "interview",
                "job": "Cook",
                "call_back": CallBack("Dana", "+12025550101"),
            },
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your interview for Cook? Call Dana on +12025550101. "
            "Heard? https://h.example/f/k STOP to opt out",
        ),
        (
            1,
            {"answer_url": LINK, "candidate": replace(JANE, name="王伟"), "job": ""},
            "Heardback for Acme Robotics: No word yet? Call Dana Reyes on +12025550101. "
            "Heard? https://heardback.example/f/k3v9q2 STOP to opt out",
        ),
        (
            1,
            {"answer_url": LINK, "stage": "interview", "job": "Cook", "call_back": CallBack("Dana", None, "dana@example.com")},
            "Heardback for Acme Robotics: Hi Jane Doe, no word yet after your interview for Cook? "
            "Do write to Dana at dana@example.com. STOP to opt out",
        ),
    ],
)
def test_a_text_reads_word_for_word(number, changes, text):
    """Without gaps, "still" from the second on, and "Call" only before a number."""
    assert write(number=number, **changes).text == text


def test_a_link_is_left_out_where_it_would_leave_less_than_24_septets_for_names():
    """A link beside names that nobody recognises looks like fraud."""
    long_name = replace(ACME, name="Consolidated Amalgamated Robotics Works")
    fixed = len("Heardback for : No word yet? Call  on +12025550101. Heard?  STOP to opt out")
    fits, too_long = "x" * (160 - fixed - 24), "x" * (160 - fixed - 23)
    assert write(employer=long_name, answer_url=fits).text == (
        f"Heardback for Consolidate...: No word yet? Call Dana Reyes on +12025550101. Heard? {fits} STOP to opt out"
    )
    assert too_long not in write(employer=long_name, answer_url=too_long).text


def test_names_share_what_is_left_by_halves_and_the_rest_goes_to_the_longer_one():
    """Employer and callee both stay recognisable."""
    fields = NudgeFields("", "E" * 60, "C" * 60, "+12025550101", True, "", "final", None)
    assert sms_text(1, fields) == (
        f"Heardback for {'E' * 29}...: No word yet after your final interview? "
        f"Do call {'C' * 28}... on +12025550101. STOP to opt out"
    )
    short = replace(fields, employer="Acme")
    assert f"Do call {'C' * 56}... on" in sms_text(1, short)


@pytest.mark.parametrize(
    ("name", "septets_left", "cut"),
    [
        ("Acme", 4, "Acme"),
        ("Acme Robotics Works", 16, "Acme Robotics..."),
        ("Acme Robotics Works", 19, "Acme Robotics Works"),
        ("Acme Robotics Works", 18, "Acme Robotics..."),
        ("Al Hydroengineering", 15, "Al Hydroengi..."),
        ("Acme & Sons", 9, "Acme..."),
        ("Acme (Berlin)", 9, "Acme..."),
        ("A€€€", 6, "A€..."),
    ],
)
def test_a_name_is_cut_to_so_many_septets(name, septets_left, cut):
    """After a whole word where that loses a third at most, and without a dangling "&" or bracket."""
    assert truncate(name, septets_left) == cut


def test_a_text_with_a_link_rather_names_the_job_than_greets() -> None:
    """Who asks about several jobs must know which; a greeting only costs space."""
    link = "https://heardback.example/f/" + "a" * 16
    text = write(
        employer=replace(ACME, name="Acme"), call_back=replace(DANA, name="Dana"), job="Cook", stage="interview", answer_url=link
    ).text
    assert text == (
        f"Heardback for Acme: No word yet after your interview for Cook? Call Dana on +12025550101. Heard? {link} STOP to opt out"
    )


def test_a_long_employer_is_cut_where_the_address_cannot_be_spelled() -> None:
    """The text then names no address, and is one segment all the same."""
    text = write(
        employer=replace(ACME, name="Very Long Name " * 12), call_back=CallBack("Dana", None, "łucja@example.com"), job="Welder"
    ).text
    assert text.startswith("Heardback for Very Long Name") and "... Answer" not in text
    assert "Answer the mail that invited you, and ask. STOP to opt out" in text
    assert septets(text) <= SMS_SEPTETS


@pytest.mark.parametrize(("name", "shown"), [("李小龍 AB", "AB"), ("李小龍王 AB", ""), ("李A", ""), ("Łucja", "Lucja")])
def test_a_name_is_spelled_where_more_than_a_third_of_it_can_be(name, shown):
    """Two letters that are left of a long name tell nobody who calls."""
    assert gsm_text(name) == shown


def test_the_second_text_rather_names_the_interview_than_nothing():
    """Without space for the job it still says which conversation it is about."""
    text = write(number=2, job="Senior Maintenance Electrician", call_back=replace(DANA, name="Dana"), stage="interview").text
    assert text == (
        "Heardback for Acme Robotics: Hi Jane Doe, still no word after your interview? "
        "It is fine to ask again: call Dana on +12025550101. STOP to opt out"
    )


def test_an_address_is_named_where_16_septets_are_left_for_both_names():
    """Eight for each: with less nobody could tell who writes."""
    fixed = len("Heardback for : No word yet after your final interview? Do write to  at . STOP to opt out")
    just, longer = ("a" * (160 - fixed - left - len("@example.com")) + "@example.com" for left in (16, 15))
    acme = replace(ACME, name="Acme Robotics")
    assert just in write(employer=acme, call_back=CallBack("Dana", None, just), candidate=replace(JANE, name="")).text
    assert "@" not in write(employer=acme, call_back=CallBack("Dana", None, longer), candidate=replace(JANE, name="")).text
