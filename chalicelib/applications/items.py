"""Stored items of applications and their facts. `storage/keys.py` lists what each partition holds.

An ApplicationItem carries a copy of the person and of the open wait, so that a reminder needs one read.
"""

from __future__ import annotations

from typing import Literal

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.rules.model import (
    AnsweredBy,
    ApplicationStatus,
    ContactChannel,
    Decided,
    Decision,
    InterviewStatus,
    Outcome,
    Stage,
    WaitState,
)
from chalicelib.storage.table import InstantAttribute, Item, WordAttribute


class ApplicationItem(Item):
    """PK EMP#..#CASE#<tail>, SK APP."""

    kind = "APP"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute(attr_name="e")
    candidate_id = UnicodeAttribute(attr_name="c")
    job_title = UnicodeAttribute(attr_name="job")
    company = UnicodeAttribute(null=True, attr_name="co")
    """Who interviews, of a job seeker's own application. An employer's has none: it is the employer."""
    group = UnicodeAttribute(null=True, attr_name="grp")
    """Location, department or brand, as `groups` lists it."""
    external_ids = JSONAttribute(attr_name="ext")
    status = WordAttribute[ApplicationStatus](attr_name="st")
    decided = WordAttribute[Decided](null=True)
    decided_at = InstantAttribute(null=True, attr_name="dec_at")
    told = WordAttribute[Decided](null=True)
    """The last decision that the candidate was told; None where none, or where an older version wrote last."""
    told_at = InstantAttribute(null=True)
    documents_asked_on = UnicodeAttribute(null=True, attr_name="doc_ask")
    documents_returned_on = UnicodeAttribute(null=True, attr_name="doc_ret")
    """Dates: when the candidate asked for their documents back, and when they got them."""
    not_kept_since = InstantAttribute(null=True, attr_name="no_keep")
    """When the candidate asked not to be kept in mind any more. Earlier promises end."""
    created_at = InstantAttribute(attr_name="at")
    updated_at = InstantAttribute(attr_name="upd")
    version = NumberAttribute(attr_name="v")
    """Incremented by every write, also by sending. Writes are conditional on it."""
    revision = NumberAttribute(attr_name="rev")
    """Incremented where a client sees a change: the ETag."""

    name = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    phone_extension = UnicodeAttribute(null=True, attr_name="ph_x")
    phone_takes_texts = BooleanAttribute(default=False, attr_name="txt")
    timezone = UnicodeAttribute(null=True, attr_name="tz")
    locale = UnicodeAttribute(null=True, attr_name="loc")
    sms_consent_at = InstantAttribute(null=True, attr_name="ok_at")
    unconfirmed = BooleanAttribute(null=True, attr_name="unc")
    """The candidate left their own details by a check-in card, and nobody confirmed them: one reminder, and no more."""

    wait_state = WordAttribute[WaitState](null=True, attr_name="w")
    """State of the latest wait; None where there is none (idle)."""
    wait_cause = UnicodeAttribute(null=True, attr_name="w_id")
    wait_stage = WordAttribute[Stage](null=True, attr_name="w_stage")
    wait_since = InstantAttribute(null=True, attr_name="w_since")
    word_due_at = InstantAttribute(null=True, attr_name="w_due")
    answered_at = InstantAttribute(null=True, attr_name="w_ans")
    answered_by = WordAttribute[AnsweredBy](null=True, attr_name="w_by")

    wait_interview = UnicodeAttribute(null=True, attr_name="w_int")
    """The interview that the latest wait is about, also through promises. Kept of job seekers' applications only."""

    call_back_name = UnicodeAttribute(null=True, attr_name="cb_n")
    call_back_phone = UnicodeAttribute(null=True, attr_name="cb_p")
    call_back_email = UnicodeAttribute(null=True, attr_name="cb_e")

    nudges = JSONAttribute(attr_name="n")
    """{cause of a wait: nudges claimed for it}, and "<interview>@<its former end>" for each end that the interview had after a
    nudge: moved, it is another wait. Older code reads the first alone."""
    step = UnicodeAttribute(null=True)
    """What is due at `due_at`: what_next, nudge_1, nudge_2, ... or lapse. None: nothing."""
    what_next = UnicodeAttribute(null=True, attr_name="wn")
    """The last wait whose candidate was told what happens next, or could no longer be told in time (`next_step.told_key`)."""
    not_after = InstantAttribute(null=True, attr_name="na")

    stopped_at = JSONAttribute(null=True, attr_name="stop")
    """Keyed hashes of the numbers and mailboxes that said STOP to this application (`opt_outs.stop_cases`)."""

    owner_id = UnicodeAttribute(null=True, attr_name="own")
    """The person of the team who answers for this candidate, and whose digest names them."""
    decider_id = UnicodeAttribute(null=True, attr_name="dcd")
    """The person of the team who decides."""
    snooze_until = InstantAttribute(null=True, attr_name="snz")
    """Until then it is left out of the call list, Today and the digest. It counts in the risk."""

    attempts = JSONAttribute(null=True, attr_name="try")
    """{count, at, by}: calls since the wait began that nobody answered; instant and person of the last. None without any."""
    disputed = UnicodeAttribute(null=True, attr_name="disp")
    """The contact that the candidate disputes, while its wait is open again."""

    past = BooleanAttribute(null=True)
    """It has ended and made room for others: its copy of the person may be old."""

    duties = JSONAttribute(null=True, attr_name="law")
    """Statutory deadlines, computed by `law.duties`; None where the employer follows no statute."""
    evidence_count = NumberAttribute(null=True, attr_name="ev_n")
    evidence_hash = UnicodeAttribute(null=True, attr_name="ev_h")
    """The number of evidence entries, and the hash of the last one."""
    evidence_owed = JSONAttribute(null=True, attr_name="ev_o")
    """SKs of older facts that are still to be entered into the evidence: they did not fit into a write yet."""
    feedback_request = JSONAttribute(null=True, attr_name="fbk")
    """{asked_at, due_on, answered_at, reasons, note, by} once the candidate asked why (`feedback.py`); None before."""
    experience_at = InstantAttribute(null=True, attr_name="exp_at")
    """When the candidate said how it was (`experience.py`). What they said is stored apart, and shown under no name."""
    history = JSONAttribute(null=True, attr_name="hist")
    """Earlier decisions and states, oldest first (`history.py`)."""
    linked = WordAttribute[Literal["seeker", "employer"]](null=True, attr_name="lnk")
    """The kind of tenant whose application is linked with this one (`LinkItem`). None: not linked."""
    recorded_by = JSONAttribute(null=True, attr_name="by")
    decided_by = JSONAttribute(null=True, attr_name="dec_by")
    status_by = JSONAttribute(null=True, attr_name="st_by")
    """{type, id, name} of who created it, of who last changed `decided`, and `status` (`recorded.py`)."""


class InterviewItem(Item):
    """PK EMP#..#CASE#<tail>, SK INT#<id>."""

    kind = "INT"
    id = UnicodeAttribute()
    stage = WordAttribute[Stage]()
    start_at = InstantAttribute()
    end_at = InstantAttribute()
    booked_at = InstantAttribute()
    word_due_hours = NumberAttribute()
    next_word_by = InstantAttribute(null=True)
    call_back_name = UnicodeAttribute(null=True)
    call_back_phone = UnicodeAttribute(null=True)
    call_back_email = UnicodeAttribute(null=True)
    status = WordAttribute[InterviewStatus]()
    updated_at = InstantAttribute()
    revision = NumberAttribute()
    external_ids = JSONAttribute(null=True)
    """[{system, id}]"""
    calendar_sequence = NumberAttribute(null=True, attr_name="cal")
    """SEQUENCE of the calendar event that said its times last. Kept of job seekers' interviews only."""
    external_ref = UnicodeAttribute(null=True)
    """system:application:interview of the applicant tracking system that sent it."""
    history = JSONAttribute(null=True, attr_name="hist")
    """Earlier times and states, oldest first (`history.py`)."""
    recorded_by = JSONAttribute(null=True, attr_name="by")
    changed_by = JSONAttribute(null=True, attr_name="ch_by")
    """{type, id, name} of who booked it, and of who last moved, corrected, cancelled or reinstated it (`recorded.py`)."""


class ContactItem(Item):
    """PK EMP#..#CASE#<tail>, SK CON#<id>."""

    kind = "CON"
    id = UnicodeAttribute()
    channel = WordAttribute[ContactChannel]()
    outcome = WordAttribute[Outcome]()
    decision = WordAttribute[Decision](null=True)
    occurred_at = InstantAttribute()
    recorded_at = InstantAttribute()
    next_word_by = InstantAttribute(null=True)
    """As the client gave it."""
    promised_by = InstantAttribute(null=True)
    """`next_word_by`, else the policy's number of days after `occurred_at`, where the contact says "not yet"."""
    feedback = UnicodeAttribute(null=True)
    thanked = BooleanAttribute(null=True)
    share_feedback = BooleanAttribute(null=True)
    """The candidate may read `feedback` on their own page."""
    keep_in_mind = BooleanAttribute(null=True)
    keep_in_mind_until = InstantAttribute(null=True)
    note = UnicodeAttribute(null=True)
    external_ref = UnicodeAttribute(null=True)
    recorded_by = JSONAttribute(null=True)
    """{type, id, name} of who logged it (`auth.actors`); None where an older version did."""
    notice_text = UnicodeAttribute(null=True)
    """A notice as it was sent, and what it names (`rules.statutes.NAMES`): for statutes that ask for writing."""
    notice_names = JSONAttribute(null=True)
    voided_at = InstantAttribute(null=True)
    voided_by = JSONAttribute(null=True)
    disputed = BooleanAttribute(default=False)


class StatementItem(Item):
    """PK EMP#..#CASE#<tail>, SK STA#<id>."""

    kind = "STA"
    id = UnicodeAttribute()
    heard = BooleanAttribute()
    decision = WordAttribute[Decision](null=True)
    at = InstantAttribute()
    recorded_at = InstantAttribute()
    voided = BooleanAttribute(default=False)
    external_ref = UnicodeAttribute(null=True)
    feedback = UnicodeAttribute(null=True)
    """What the candidate was told, in the candidate's own words."""
    own = BooleanAttribute(default=False)
    """Given by the candidate on their own page, not by a client. A "not yet" is listed among the employer's replies."""
    promised_by = InstantAttribute(null=True)
    """The day to which they were put off, of a word that a linked application told."""
    link = UnicodeAttribute(null=True, attr_name="lnk")
    """The link by which a linked application told this word. It names neither the other tenant nor a record of it."""
    seen_at = InstantAttribute(null=True)
    seen_by = JSONAttribute(null=True)
    """{type, id, name} of who marked it as seen first."""
    recorded_by = JSONAttribute(null=True, attr_name="by")


class UntoldItem(Item):
    """PK EMP#..#UNTOLD, SK UNTOLD#<application id>: rejected and not told. Derived from the open wait's `decided`."""

    kind = "UNTOLD"
    application_id = UnicodeAttribute()
    stage = WordAttribute[Stage]()
    word_due_at = InstantAttribute()


class DisputeItem(Item):
    """PK EMP#..#DISPUTES, SK DISP#<application id>: a disputed contact. Derived from the application's `disputed`.

    Due at once where a client recorded it and the application has an owner, who is told by mail.
    """

    kind = "DISP"
    application_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()


class FeedbackItem(Item):
    """PK EMP#..#FEEDBACK, SK FEEDBACK#<application id>: a request for feedback without an answer. Derived from the application's
    `feedback_request`."""

    kind = "FEEDBACK"
    application_id = UnicodeAttribute()
    due_on = UnicodeAttribute()


class FeedbackMailItem(Item):
    """PK EMP#..#CASE#<tail>, SK FBMAIL: due while the candidate is to be told by mail that they got feedback.

    It stays, so that another answer sends no second mail.
    """

    kind = "FBMAIL"
    application_id = UnicodeAttribute()
    answered_at = InstantAttribute()


class ExperienceItem(Item):
    """PK EMP#..#EXPERIENCE, SK EXP#<application id>: how a candidate who had heard found it. Shown to the employer in figures
    of five answers or more, never by application."""

    kind = "EXP"
    application_id = UnicodeAttribute()
    stage = WordAttribute[Stage]()
    group = UnicodeAttribute(null=True)
    score = NumberAttribute()
    line = UnicodeAttribute(null=True)
    at = InstantAttribute()


class OwnerItem(Item):
    """PK EMP#..#CASE#<tail>, SK OWNER: by it the applications of one owner are found. Derived from the application.

    Listed under <employer>#OWNED#<person> by id. While the wait is open also in the waiting index, under
    <employer>#owner#<person>, at <hour>#<application>#<stage>#<r|u>.
    """

    kind = "OWNER"
    application_id = UnicodeAttribute()
    word_due_at = InstantAttribute(null=True)
    since = InstantAttribute(null=True)
    decided = WordAttribute[Decided](null=True)


class SnoozeItem(Item):
    """PK EMP#..#CASE#<tail>, SK SNOOZE: in the waiting index under <employer>#snoozed. Derived from the application.

    Listed under <employer>#SNOOZED at <end of the snooze>#<application>; what an earlier version wrote is not listed.
    """

    kind = "SNOOZE"
    application_id = UnicodeAttribute()
    word_due_at = InstantAttribute(null=True)
    since = InstantAttribute(null=True)
    decided = WordAttribute[Decided](null=True)


class DeciderItem(Item):
    """PK EMP#..#CASE#<tail>, SK DECIDER. Listed under <employer>#DECIDES#<person> by id. Derived from the application.

    It finds what somebody decides when they leave the team. Due while they are to be asked (`decider_schedule`).
    """

    kind = "DECIDER"
    application_id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    asked_about = UnicodeAttribute(null=True)
    """The wait about which somebody was asked: once each (`decider_schedule.wait_key`)."""


class WatchItem(Item):
    """PK EMP#..#CASE#<tail>, SK WATCH: when the next webhook event that only time brings is due."""

    kind = "WATCH"
    application_id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    cause = UnicodeAttribute(null=True)
    wait_since = InstantAttribute(null=True)
    word_due_at = InstantAttribute(null=True)
    told = UnicodeAttribute(null=True)
    """The last event that was emitted for this wait: waiting, or overdue."""


class LinkItem(Item):
    """PK EMP#..#CASE#<tail>, SK LINKED: the application of another tenant that is the same one: a job seeker's and an employer's.

    Each of the two has one; they are made and deleted together. Due while this application's words are to be passed on.
    An employer's are listed by application.
    """

    kind = "LINKED"
    employer_id = UnicodeAttribute()
    application_id = UnicodeAttribute()
    link_id = UnicodeAttribute()
    """The same on both sides."""
    other_employer_id = UnicodeAttribute(null=True)
    other_application_id = UnicodeAttribute(null=True)
    """None once the other application was erased: the link ends as soon as the job comes to it."""
    since = InstantAttribute()
    """Words from then on are passed on: the start of the interview that was linked."""
    said = UnicodeAttribute(null=True)
    """A digest of this application's words, so that only another word makes it due."""
    revision = NumberAttribute()
    """Incremented whenever it becomes due: a job that read an earlier one does not end what it has not read."""
    nudges_there = NumberAttribute(null=True)
    """Nudges that the erased other application had sent for its open wait."""


class UnlinkItem(Item):
    """PK EMP#.., SK UNLINK: the employer offers no links any more, and those that it has are being ended. Due until done."""

    kind = "UNLINK"
    employer_id = UnicodeAttribute()


class WaitItem(Item):
    """PK EMP#..#CASE#<tail>, SK WAIT#<cause>. Holds nothing about the person, and never expires.

    Open ones are in the waiting index: waiting_key = "<employer_id>#<stage>#<r|u>" (reachable or not), waiting_at =
    "<yyyy-mm-ddThh>#<application_id>". Answered ones too, for the report's names: waiting_key = "<employer_id>#A#<part>".
    """

    kind = "WAIT"
    application_id = UnicodeAttribute()
    cause = UnicodeAttribute()
    stage = WordAttribute[Stage]()
    since = InstantAttribute()
    word_due_at = InstantAttribute()
    state = WordAttribute[WaitState]()
    reachable = BooleanAttribute()
    answered_at = InstantAttribute(null=True)
    answered_by = WordAttribute[AnsweredBy](null=True)
    answer = UnicodeAttribute(null=True)
    group = UnicodeAttribute(null=True)
    """The application's group, for the recount."""
    decided = WordAttribute[Decided](null=True)
    """The application's `decided` while the wait is open: "rejected, not told" for the call list."""


class GroupWaitItem(Item):
    """PK EMP#..#CASE#<tail>, SK GWAIT#<cause>: an open wait of an application with a group, listed once more under the group.

    `waiting_key` names the group beside stage and reachability. Older code leaves it as it is: the call list reads the
    application before it shows a row.
    """

    kind = "GWAIT"
    since = InstantAttribute()
    decided = WordAttribute[Decided](null=True)


class MomentPassItem(Item):
    """PK EMP#..#MOMENTS, SK MOMPASS: where the nightly pass over an employer's open waits continues (`moment_pass.py`)."""

    kind = "MOMPASS"
    after = UnicodeAttribute(null=True)
    """"<number of the list> <place>". None: the pass is finished."""
    finished_at = InstantAttribute(null=True)
