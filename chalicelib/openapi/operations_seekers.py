"""Operations of job seekers, about their own interviews."""

from __future__ import annotations

from chalicelib.accounts.seekers.responses import PhoneCodeSent, Seeker, SeekerExport, SignUpAccepted
from chalicelib.accounts.seekers.schema import PhoneCode, PhoneIn, SeekerNew, SeekerPatch
from chalicelib.applications.seekers.responses import CalendarInterviews, OwnInterview
from chalicelib.applications.seekers.schema import LinkIn, OutcomeIn, OwnInterviewIn, OwnInterviewPatch
from chalicelib.openapi.operation import Operation
from chalicelib.openapi.parts import FILE_EXAMPLES

OPERATIONS = {
    "POST /v1/seekers": Operation(
        "sign_up_seeker",
        "Sign up to keep your own interviews",
        SignUpAccepted,
        202,
        takes=SeekerNew,
        example={"email": "jo@example.com", "name": "Jo Sample", "timezone": "America/New_York", "locale": "en-US"},
        says="Mails a link and a 6-digit code, for `POST /v1/sessions`. The same answer for every address: a known one gets a "
        "sign-in. Not found where the deployment is not open to job seekers.",
        faults=(404,),
    ),
    "PATCH /v1/my": Operation(
        "change_own",
        "Change your language",
        Seeker,
        tagged=True,
        takes=SeekerPatch,
        example={"locale": "es-MX"},
        says="Pages, mails and texts are in it from then on, reminders that are due already too. Without a translation they are "
        "in English.",
    ),
    "POST /v1/my/phone": Operation(
        "text_phone_code",
        "Text a code to your number",
        PhoneCodeSent,
        202,
        takes=PhoneIn,
        example={"phone": "+12025550123"},
        says="Three a day, to a number and for a seeker. Nothing else is texted to a number before it is confirmed.",
    ),
    "POST /v1/my/phone/confirm": Operation(
        "confirm_phone",
        "Confirm your number by its code",
        Seeker,
        tagged=True,
        takes=PhoneCode,
        example={"code": "123456"},
        says="Works for ten minutes and five tries; any wrong code is 422 `wrong_code`. From then on reminders go there by text.",
    ),
    "POST /v1/my/invitation_address": Operation(
        "change_invitation_address",
        "Change your address for invitations",
        Seeker,
        tagged=True,
        says="The address that you had leads nowhere from then on.",
    ),
    "POST /v1/my/interviews": Operation(
        "add_own_interview",
        "Add an interview of your own",
        OwnInterview,
        201,
        also={200: "It was there already: the same company, job title and start"},
        takes=OwnInterviewIn,
        tagged=True,
        example={
            "company": "Blue Fern (sample)",
            "job_title": "Welder",
            "start_at": "2026-06-02T09:00:00-04:00",
            "end_at": "2026-06-02T10:00:00-04:00",
            "contact": {"name": "Dana Reyes", "phone": "+12025550100"},
        },
        says="Word is due 48 hours after `end_at`, or on `next_word_by`. Then we remind you to call, in your own hours, and once "
        "more five days later. With other values the same interview is 409 `interview_conflict`. At most 1,000.",
    ),
    "GET /v1/my/interviews": Operation("list_own_interviews", "List your interviews", OwnInterview, page=True),
    "GET /v1/my/interviews/{interview_id}": Operation(
        "get_own_interview", "Get an interview of yours", OwnInterview, tagged=True, headers=("Location",)
    ),
    "PATCH /v1/my/interviews/{interview_id}": Operation(
        "patch_own_interview",
        "Move or correct an interview of yours",
        OwnInterview,
        takes=OwnInterviewPatch,
        tagged=True,
        headers=("Location",),
        example={"contact": {"name": "Dana Reyes", "phone": "+12025550101"}},
    ),
    "DELETE /v1/my/interviews/{interview_id}": Operation(
        "delete_own_interview",
        "Delete an interview of yours",
        None,
        204,
        says="With the last one of a job everything about that job is erased.",
    ),
    "POST /v1/my/interviews/{interview_id}/outcomes": Operation(
        "record_outcome",
        "Record what came of an interview",
        OwnInterview,
        201,
        takes=OutcomeIn,
        tagged=True,
        headers=("Location",),
        example={"what": "called", "next_word_by": "2026-06-05T21:00:00Z", "feedback": "They liked the weld test."},
        says="`called`: you got through. `heard`: they told you. Both end the wait; a day that they named opens the next, "
        "and so does `called` without a decision, after a week. `no_answer` is an attempt: the second reminder still comes. "
        "`closed`: no more reminders about this job.",
    ),
    "POST /v1/my/interviews/{interview_id}/link": Operation(
        "link_own_interview",
        "Link an interview of yours with the employer's record of it",
        OwnInterview,
        takes=LinkIn,
        tagged=True,
        headers=("Location",),
        example={"token": "SAMPLEabcdefghijklmnopqrstuv0123"},
        says="`token` is the end of a link to a candidate's page. The employer must offer links (`policy.link_seekers`, else 409 "
        "`link_not_offered`), and the message with the link must have gone to an address that you confirmed (else 409 "
        "`link_of_another`). From then on word on one side ends the wait on the other, with the day that it names, and only your "
        "list reminds you. Nothing else is shared. The same again changes nothing; another link is 409 `already_linked`.",
    ),
    "DELETE /v1/my/interviews/{interview_id}/link": Operation(
        "unlink_own_interview",
        "End the link of an interview of yours",
        None,
        204,
        says="For both sides. What was passed on stays.",
    ),
    "POST /v1/my/interviews/ics": Operation(
        "add_interviews_of_calendar",
        "Add the interviews of a calendar file",
        CalendarInterviews,
        takes_file=("text/calendar",),
        example=FILE_EXAMPLES["text/calendar"].encode(),
        says="At most 50 of one file. A newer version of an event moves its interview; a cancelled one is taken off.",
        faults=(413, 415),
    ),
    "GET /v1/my/export": Operation(
        "export_own", "Export all that is kept of you", SeekerExport, headers=("Content-Disposition",), faults=(422,)
    ),
    "DELETE /v1/my": Operation(
        "erase_own",
        "Erase yourself, with everything about you",
        None,
        204,
        says="Ends your sessions. Opt-outs stay, as keyed hashes that name nobody.",
    ),
}
