"""In holding notices, and in what comes back: bounces, answers, what somebody found out."""

from __future__ import annotations

from tests.simulation.planted.bug import Bug

BUGS: tuple[Bug, ...] = (
    Bug(
        "a notice's contact under an id of its own",
        "A worker that died between sending and logging: the promise is logged twice.",
        "chalicelib.messaging.notices.dispatch",
        "told, now, known_as=item.id)",
        "told, now)",
    ),
    Bug(
        "a notice that was sent is not due",
        "When its worker dies, nobody ever logs what the candidate was promised.",
        "chalicelib.messaging.claims",
        'if item.next_word_by and fate.status == "sent":',
        "if False:",
    ),
    Bug(
        "the promise begins before the notice is sent",
        "A candidate waits for a day that nobody told them.",
        "chalicelib.messaging.notices.dispatch",
        'or item.status != "sent" or item.next_word_by is None or item.due_at is None:',
        "or item.next_word_by is None:",
        also=(
            (
                '    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now) or',
                "    log_contact(item.key, case.employer, now)\n"
                '    if item.status != "retrying" or item.due_at is None or item.due_at > stored_instant(now) or',
            ),
        ),
    ),
    Bug(
        "a notice that comes back still counts",
        "A mail that nobody got is word given: the candidate goes on waiting, and nobody calls.",
        "chalicelib.messaging.delivery_events",
        'if event.for_good or event.kind == "reject":',
        "if False:",
    ),
    Bug(
        "a bounce that is heard early is not looked at",
        "The bounce comes before the contact is logged, and is forgotten.",
        "chalicelib.messaging.notices.dispatch",
        '"outcome": "bounced" if returned(item) else "sent"',
        '"outcome": "sent"',
        also=(
            ("    if returned(item):\n        del told", "    if False:\n        del told"),
            ("    take_back(key, employer, now)\n    return True", "    return True"),
        ),
    ),
    Bug(
        "an unknown notice makes room for another",
        "The candidate may be told two days.",
        "chalicelib.messaging.notices.request",
        '_NOT_SENT = ("failed", "expired", "cancelled", "suppressed")',
        '_NOT_SENT = ("failed", "expired", "cancelled", "suppressed", "unknown")',
    ),
    Bug(
        "a resolved message resolved again",
        "What was found to be sent is called failed by whoever comes second, and a second notice goes out.",
        "chalicelib.messaging.messages",
        'actions, MessageItem.status == "unknown")',
        "actions, MessageItem.PK.exists())",
    ),
    Bug(
        "a text taken anew at each delivery",
        "A yes that the carrier delivers twice moves two applications.",
        "chalicelib.messaging.inbound_sms",
        "        if feedback_table.keep(feedback_table.subject(text.id, application.PK, now)):\n",
        "        if True:\n",
    ),
    Bug(
        "an answer is not claimed",
        "Whoever writes STOP is written to twice for it.",
        "chalicelib.messaging.inbound_sms",
        "    if not feedback_table.keep(feedback_table.answered(what_for, now)):\n        return\n",
        "",
    ),
)
