"""Operations of candidates, applications, interviews, contacts and statements; export and erasure."""

from __future__ import annotations

from chalicelib.applications.candidates.schema import CandidateIn, CandidatePatch
from chalicelib.applications.contacts.responses import Contact, ContactWithApplication
from chalicelib.applications.contacts.schema import ContactIn, StatementIn
from chalicelib.applications.interviews.schema import InterviewIn, InterviewPatch
from chalicelib.applications.privacy.responses import CandidateExport, Erasure
from chalicelib.applications.responses import (
    Application,
    Candidate,
    FeedbackShown,
    Interview,
    KeptInMind,
    MatchedApplication,
    MatchedCandidate,
    MatchedInterview,
    Statement,
)
from chalicelib.applications.schema import ApplicationIn, ApplicationPatch, FeedbackAnswerIn
from chalicelib.openapi.operation import EXTERNAL_ID, OWNER, TRUE_OR_FALSE, Operation, Query, id_of, one_of, text
from chalicelib.rules.model import DECIDED, INTERVIEW_STATUSES, STAGES

_SAME = {200: "It was there already: the same record, filled where fields were empty"}
_SAM = {
    "name": "Sam Sample",
    "email": "sam@example.com",
    "phone": "+12025550123",
    "timezone": "America/New_York",
    "sms_consent": {"given_at": "2026-01-05T10:00:00Z", "source": "application form"},
    "external_ids": [{"system": "greenhouse", "id": "265277"}],
}
_INTERVIEW = {
    "application": {"job_title": "Welder", "candidate": _SAM},
    "stage": "final",
    "start_at": "2026-06-02T09:00:00-04:00",
    "end_at": "2026-06-02T10:00:00-04:00",
    "call_back": {"name": "Dana Reyes", "phone": "+12025550100"},
}
_STAGE = one_of(*STAGES, says="Only this stage.")
_DECIDED = one_of(*DECIDED, example="rejected", says="Only those decided so and not told.")
_UPDATED_AFTER = text(
    "Changed after this instant. By the time of the change, oldest first; more than 30 days back: newest record first. "
    "`/v1/changes` tells erased records too.",
    "2026-06-01T00:00:00Z",
    format="date-time",
)
_Q = text(
    "Words of the name, or their beginnings, in any order; accents and case do not count. By name, not newest first.", "sam"
)

OPERATIONS = {
    "POST /v1/candidates": Operation(
        "create_candidate",
        "Create or find a candidate",
        MatchedCandidate,
        201,
        also=_SAME,
        takes=CandidateIn,
        tagged=True,
        example=_SAM,
        says="Matched by external id, or by email or phone with a compatible name. A match fills empty fields, overwrites none: "
        "`ignored` lists what it did not take. The same address with another name is another person, with a warning.",
    ),
    "GET /v1/candidates": Operation(
        "list_candidates",
        "List candidates",
        Candidate,
        page=True,
        query={
            "q": _Q,
            "email": text("This address.", "sam@example.com", format="email", maxLength=254),
            "phone": text("This number, in E.164.", "+12025550123"),
            "external_id": EXTERNAL_ID,
            "updated_after": _UPDATED_AFTER,
        },
    ),
    "GET /v1/candidates/{candidate_id}": Operation("get_candidate", "Get a candidate", Candidate, tagged=True),
    "PATCH /v1/candidates/{candidate_id}": Operation(
        "patch_candidate",
        "Change a candidate",
        Candidate,
        takes=CandidatePatch,
        tagged=True,
        example={"phone": "+12025550124", "locale": "en-US"},
    ),
    "DELETE /v1/candidates/{candidate_id}": Operation(
        "erase_candidate",
        "Erase a candidate everywhere",
        Erasure,
        says="The answer says what stays, and what a law keeps. Asking again answers the same.",
        faults=(409, 412),
    ),
    "GET /v1/candidates/{candidate_id}/export": Operation(
        "export_candidate",
        "Export all that is kept of a candidate",
        CandidateExport,
        headers=("Content-Disposition",),
        faults=(422,),
    ),
    "GET /v1/erasures": Operation("list_erasures", "List erasures", Erasure, page=True),
    "GET /v1/export": Operation(
        "export_employer",
        "Export the whole employer as JSON Lines",
        "application/x-ndjson",
        page=True,
        says='Page by page: follow `Link: rel="next"` until the line `{"type": "end"}`.',
    ),
    "POST /v1/applications": Operation(
        "create_application",
        "Open or find an application",
        MatchedApplication,
        201,
        also=_SAME,
        takes=ApplicationIn,
        tagged=True,
        example=_INTERVIEW["application"],
        says="Give either `candidate` or `candidate_id`.",
    ),
    "GET /v1/applications": Operation(
        "list_applications",
        "List applications",
        Application,
        page=True,
        query={
            "q": _Q,
            "loop": one_of("waiting", "idle", "booked", "answered", "closed", says="Where it stands now."),
            "overdue": Query(TRUE_OR_FALSE, "Whether word is overdue. `true` lists the longest overdue first.", "true"),
            "stage": _STAGE,
            "decided": _DECIDED,
            "candidate_id": id_of("cand", "Only those of this candidate."),
            "owner": OWNER,
            "external_id": EXTERNAL_ID,
            "updated_after": _UPDATED_AFTER,
        },
    ),
    "GET /v1/applications/{application_id}": Operation("get_application", "Get an application", Application, tagged=True),
    "PATCH /v1/applications/{application_id}": Operation(
        "patch_application",
        "Record a decision, set owner and decider, snooze, or close an application",
        Application,
        takes=ApplicationPatch,
        tagged=True,
        example={"decided": "rejected"},
        says="`decided` is what the employer has decided and not told: it is not word. `owner_id` and `decider_id` are ids of "
        "people on the team. `snooze_until` leaves it out of the call list until then, or until the candidate writes.",
    ),
    "POST /v1/interviews": Operation(
        "book_interview",
        "Book an interview: one call does the main job",
        MatchedInterview,
        201,
        also={200: "A known interview: the same application and start, or moved by its external id"},
        takes=InterviewIn,
        tagged=True,
        example=_INTERVIEW,
        says="Candidate, application and interview are found or made, and the clock starts: word is due 48 hours after `end_at`. "
        "Give either `application` or `application_id`. A known `external_ids` entry moves and changes its interview. "
        "The same application and start with other values is 409 `interview_conflict`, which names the fields and the id.",
    ),
    "GET /v1/interviews": Operation(
        "list_interviews",
        "List interviews",
        Interview,
        page=True,
        query={
            "application_id": id_of("app", "Only those of this application."),
            "starts_after": text("Those that start at this instant or after it.", "2026-06-01T00:00:00Z", format="date-time"),
            "starts_before": text("Those that start before this instant.", "2026-06-08T00:00:00Z", format="date-time"),
            "status": one_of(*INTERVIEW_STATUSES, says="Only those with this status."),
            "updated_after": _UPDATED_AFTER,
        },
    ),
    "GET /v1/interviews/{interview_id}": Operation("get_interview", "Get an interview", Interview, tagged=True),
    "GET /v1/interviews/{interview_id}/calendar.ics": Operation(
        "get_interview_calendar",
        "Get the follow-up day for a calendar",
        "text/calendar",
        headers=("Content-Disposition",),
        faults=(409,),
        says="When word is due, who to call and what to ask.",
    ),
    "PATCH /v1/interviews/{interview_id}": Operation(
        "patch_interview",
        "Move or correct an interview",
        Interview,
        takes=InterviewPatch,
        tagged=True,
        headers=("Location",),
        example={"start_at": "2026-06-02T09:30:00-04:00", "end_at": "2026-06-02T10:30:00-04:00"},
    ),
    "POST /v1/interviews/{interview_id}/cancel": Operation(
        "cancel_interview",
        "Cancel an interview before its end",
        Interview,
        tagged=True,
        headers=("Location",),
        says="Twice is once.",
    ),
    "POST /v1/interviews/{interview_id}/no_show": Operation(
        "mark_no_show",
        "The candidate did not come",
        Interview,
        tagged=True,
        headers=("Location",),
        says="No word is owed about it; its invitation stays word. Twice is once.",
    ),
    "POST /v1/interviews/{interview_id}/reinstate": Operation(
        "reinstate_interview",
        "Take back a cancellation or a no-show",
        Interview,
        tagged=True,
        headers=("Location",),
        says="The interview counts again. 409 where its slot was booked again, or the application is closed. Idempotent.",
    ),
    "POST /v1/applications/{application_id}/contacts": Operation(
        "log_contact",
        "Log that somebody told the candidate, or tried to",
        ContactWithApplication,
        201,
        takes=ContactIn,
        example={
            "channel": "call",
            "outcome": "reached",
            "decision": "rejected",
            "thanked": True,
            "keep_in_mind": True,
            "feedback": "Strong weld tests; we needed more site experience.",
            "note": "Took it well.",
        },
        says='What reached the candidate answers the wait. A decision `pending`, or none, is an honest "not yet": it opens a '
        "new wait due `next_word_by`. Where the candidate was not waiting it opens one only if `next_word_by` is given, and "
        "before the first interview none.",
    ),
    "GET /v1/applications/{application_id}/contacts": Operation("list_contacts", "List contacts", Contact, page=True),
    "GET /v1/applications/{application_id}/contacts/{contact_id}": Operation(
        "get_contact", "Get a contact, with its application", ContactWithApplication
    ),
    "POST /v1/applications/{application_id}/contacts/{contact_id}/void": Operation(
        "void_contact", "Undo a contact", ContactWithApplication, says="Listed, and counted as if absent. Twice is once."
    ),
    "POST /v1/applications/{application_id}/statements": Operation(
        "record_statement",
        "Record what the candidate says",
        Statement,
        201,
        takes=StatementIn,
        example={"heard": True, "decision": "rejected"},
    ),
    "GET /v1/applications/{application_id}/statements": Operation(
        "list_statements", "List what the candidate said", Statement, page=True
    ),
    "GET /v1/applications/{application_id}/statements/{statement_id}": Operation(
        "get_statement", "Get a statement, with its application", Statement
    ),
    "GET /v1/applications/{application_id}/shared_feedback": Operation(
        "get_shared_feedback", "What the candidate may read", FeedbackShown, page=True, is_short=True
    ),
    "POST /v1/applications/{application_id}/feedback": Operation(
        "give_feedback",
        "Answer a candidate who asked why",
        Application,
        takes=FeedbackAnswerIn,
        tagged=True,
        example={"reasons": ["experience"], "note": "Your welds were clean; we needed more years on site."},
        says="Shown on the candidate's page; a mail says so once. The same again changes nothing, another answer replaces it.",
    ),
    "GET /v1/keep_in_mind": Operation(
        "list_kept_in_mind",
        "People that somebody promised to keep in mind",
        KeptInMind,
        page=True,
        says="By job title, from the last letter.",
        query={"job_title": text("Those of similar work.", "Welder")},
    ),
}
