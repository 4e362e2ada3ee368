"""Names the handler and the queue of each kind of job that is worked one by one. `wiring` adds those worked in chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.jobs.registry import JobHandler, QueueName

if TYPE_CHECKING:
    from chalicelib.storage.table import Item


def background_jobs() -> list[JobHandler]:
    """The handlers of jobs that are worked one by one, each with its queue."""
    return [
        JobHandler("ERASURE", _resume_erasure, QueueName.RECORDS),
        JobHandler("EVT", _process_ats_event, QueueName.ATS),
        JobHandler("LEAVING", _take_off_applications, QueueName.RECORDS),
        JobHandler("LINKED", _pass_words_on, QueueName.RECORDS),
        JobHandler("NEWS", _announce_opt_out, QueueName.WEBHOOKS),
        JobHandler("OUT", _fan_out_event, QueueName.WEBHOOKS),
        JobHandler("PENDING", _ask_about_text, QueueName.REMINDERS),
        JobHandler("POLL", _poll_ats, QueueName.ATS),
        JobHandler("POSTING", _recompute_posting, QueueName.RECORDS),
        JobHandler("ROWS", lambda item, now: _import_rows([item], lambda: now), QueueName.IMPORTS, _import_rows),
        JobHandler("SEND", _send_webhook, QueueName.WEBHOOKS),
        JobHandler("UNLINK", _end_links, QueueName.RECORDS),
        JobHandler("WATCH", _check_webhook_timer, QueueName.WEBHOOKS),
    ]


# Each handler imports its module when the first such item is due: most invocations have none, and a cold start pays nothing.


def _resume_erasure(item: Item, now: datetime) -> None:
    from chalicelib.applications.privacy import erasure

    erasure.resume(item, now)


def _process_ats_event(item: Item, now: datetime) -> None:
    from chalicelib.integrations.ats.process_event import process_event

    process_event(item, now)


def _take_off_applications(item: Item, now: datetime) -> None:
    from chalicelib.applications import team

    team.work(item, now)


def _pass_words_on(item: Item, now: datetime) -> None:
    from chalicelib.applications.linking import exchange

    exchange.work(item, now)


def _end_links(item: Item, now: datetime) -> None:
    from chalicelib.applications.linking import exchange

    exchange.end_all(item, now)


def _announce_opt_out(item: Item, now: datetime) -> None:
    from chalicelib.integrations.webhooks import deliver

    deliver.announce_opt_out(item, now)


def _fan_out_event(item: Item, now: datetime) -> None:
    from chalicelib.integrations.webhooks import deliver

    deliver.fan_out(item, now)


def _ask_about_text(item: Item, now: datetime) -> None:
    from chalicelib.messaging import pending_texts, providers

    pending_texts.work(item, now, providers.channels())


def _poll_ats(item: Item, now: datetime) -> None:
    from chalicelib.integrations.ats import polls

    polls.process_poll(item, now)


def _recompute_posting(item: Item, now: datetime) -> None:
    from chalicelib.applications.law import recompute

    recompute.work(item, now)


def _import_rows(items: Sequence[Item], clock: Callable[[], datetime]) -> None:
    from chalicelib.integrations.imports.process_rows import process_rows

    process_rows(items, clock)


def _send_webhook(item: Item, now: datetime) -> None:
    from chalicelib.integrations.webhooks import deliver

    deliver.deliver(item, now)


def _check_webhook_timer(item: Item, now: datetime) -> None:
    from chalicelib.applications import webhook_timers

    webhook_timers.work(item, now)
