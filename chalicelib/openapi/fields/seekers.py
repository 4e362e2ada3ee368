"""Fields of job seekers and their own interviews."""

from __future__ import annotations

from typing import Any

_SEEKER = "per_01KT4A4MR0S1K0FS1KR9M52VB2"
_INTERVIEW = "int_01KT4A4MR0S1K0FS1KR9M52VB2"
_WORDING = "Heardback keeps the interviews that I enter, and mails me at this address when a company should have answered."
FIELDS: dict[str, Any] = {
    "seeker": "The job seeker, where it is one.",
    "SeekerExport.seeker": "Who the export is of.",
    "Seeker.id": ("The job seeker's id.", _SEEKER),
    "Seeker.phone": ("The number that was confirmed; null for none.", "+12025550123"),
    "invitation_address": (
        "Where to forward invitations, so that their interviews are added. Null where no mail comes in.",
        "i-01kt4a4mr0s1k0fs1kr9m52vb2-0123456789abcdef0123@reply.example.com",
    ),
    "PhoneIn.phone": ("A mobile number, in E.164.", "+12025550123"),
    "PhoneCode.code": ("The 6-digit code of the text.", "123456"),
    "PhoneCodeSent.expires_in": ("For how many seconds a code works.", 600),
    "SignUpAccepted.expires_in": ("For how many seconds a sign-in works. A sign-up works for 14 days.", 900),
    "OwnInterview.id": ("The interview's id.", _INTERVIEW),
    "company": ("Who interviews.", "Blue Fern (sample)"),
    "contact": "Who to call where no word comes.",
    "OwnInterview.state": "Where the interview stands.",
    "OwnInterview.word_due_at": "When the company should have answered: 48 hours after the end, or the day that it named last.",
    "OwnInterview.next_reminder_at": "When we remind the seeker to call; null for never.",
    "OwnInterview.next_word_by": "The day that the company named at the interview.",
    "OwnInterview.linked": "Whether it is linked with the employer's record of it.",
    "LinkIn.token": ("The last part of the link to a candidate's page.", "SAMPLEabcdefghijklmnopqrstuv0123"),
    "OwnInterviewIn.next_word_by": "The day that the company named at the interview.",
    "OwnInterviewPatch.next_word_by": "The day that the company named at the interview.",
    "OutcomeIn.what": "What came of it.",
    "OutcomeIn.decision": "What they decided, as far as they said.",
    "OutcomeIn.feedback": ("What they said, for the next interview.", "They liked the weld test."),
    "OutcomeIn.next_word_by": "The day that they named. It opens the next wait.",
    "CalendarInterviews.data": "The interviews of the file, as they are on the list now.",
    "CalendarInterviews.skipped": ("How many events were left out: no interview, cancelled or declined, or long past.", 1),
    "Consent.what": "What was agreed to: mails, or texts.",
    "wording": ("What was agreed to, word for word.", _WORDING),
    "consents": "What the seeker agreed to, and when.",
    "sessions": ("Where the seeker is signed in.", [{"agent": "Firefox on Android"}]),
    "account_messages": ("Messages about the account.", [{"step": "phone_code", "channel": "sms", "status": "sent"}]),
    "records": ("Interviews, outcomes and messages, as in the export of any candidate.", {"applications": []}),
}
