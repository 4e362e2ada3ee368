"""Every entry point: HTTP blueprints and event handlers. The only caller of now()."""

import gc

gc.disable()  # until all is imported, none of which is garbage: the collector took a tenth of a cold start (docs/performance.md)

from typing import Any

from chalice import Chalice, Cron, Rate, Response
from chalice.app import CloudWatchEvent, Request, SNSEvent, SQSEvent

from chalicelib import wiring
from chalicelib.accounts.addresses.routes import addresses
from chalicelib.accounts.api_keys.routes import keys
from chalicelib.accounts.audit.routes import audit
from chalicelib.accounts.seeker_routes import seekers
from chalicelib.accounts.sessions.routes import sessions
from chalicelib.accounts.single_sign_on.routes import single_sign_on
from chalicelib.accounts.users.routes import people
from chalicelib.api.http_middleware import http_middleware
from chalicelib.applications.candidates.routes import candidates
from chalicelib.applications.changes.routes import changes
from chalicelib.applications.check_in.routes import check_in_cards
from chalicelib.applications.contacts.routes import contacts
from chalicelib.applications.employers.routes import employers
from chalicelib.applications.interviews.routes import interviews
from chalicelib.applications.law.routes import law
from chalicelib.applications.privacy.routes import privacy
from chalicelib.applications.routes import applications
from chalicelib.integrations.ats.routes import integrations
from chalicelib.integrations.imports.routes import imports
from chalicelib.integrations.webhooks.routes import webhooks
from chalicelib.jobs import worker
from chalicelib.messaging.letters.routes import letters
from chalicelib.messaging.notices.routes import notices
from chalicelib.messaging.routes import messages
from chalicelib.messaging.timeline.routes import timelines
from chalicelib.messaging.unsubscribe.routes import unsubscribe
from chalicelib.openapi.routes import openapi
from chalicelib.reputation.routes import reputation
from chalicelib.web.operator_routes import operator_pages
from chalicelib.web.own_routes import own_pages
from chalicelib.web.person_routes import person_pages
from chalicelib.web.public_routes import public_pages
from chalicelib.web.routes import pages
from chalicelib.web.settings_routes import settings_pages
from chalicelib.wiring import now

app = Chalice(app_name="heardback", configure_logs=False)  # Lambda's own log lines are JSON, which the alarms read
app.api.binary_types = []  # else Chalice refuses an image to a client that does not ask for it; `OurResponse` encodes files
blueprints = (
    addresses,
    applications,
    audit,
    candidates,
    changes,
    check_in_cards,
    contacts,
    employers,
    imports,
    integrations,
    interviews,
    keys,
    law,
    letters,
    messages,
    notices,
    openapi,
    operator_pages,
    own_pages,
    pages,
    people,
    person_pages,
    privacy,
    public_pages,
    reputation,
    seekers,
    sessions,
    single_sign_on,
    settings_pages,
    timelines,
    unsubscribe,
    webhooks,
)
for blueprint in blueprints:
    app.register_blueprint(blueprint)
wiring.register_snapshot_hooks()


@app.middleware("http")
def middleware(request: Request, get_response: Any) -> Response:
    """Run around every HTTP request."""
    return http_middleware(request, get_response, now(), wiring.start)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(_: CloudWatchEvent) -> dict[str, int]:
    """Queue what is due, once a minute."""
    from chalicelib.jobs import scheduler

    wiring.start()
    return scheduler.run(wiring.queues(), now(), wiring.queue_of)


@app.on_sqs_message(queue="heardback-reminders", batch_size=100, maximum_batching_window_in_seconds=1)
def deliver(event: SQSEvent) -> dict[str, Any]:
    """Send reminders, digests and letters."""
    return work(event)


@app.on_sqs_message(queue="heardback-webhooks", batch_size=10)
def send_webhooks(event: SQSEvent) -> dict[str, Any]:
    """Make webhook events and send them to endpoints, which may be slow."""
    return work(event)


@app.on_sqs_message(queue="heardback-ats", batch_size=10)
def process_ats(event: SQSEvent) -> dict[str, Any]:
    """Process events of hiring systems, and poll them."""
    return work(event)


@app.on_sqs_message(queue="heardback-imports", batch_size=10)
def import_rows(event: SQSEvent) -> dict[str, Any]:
    """Write the rows of imported files."""
    return work(event)


@app.on_sqs_message(queue="heardback-records", batch_size=10)
def update_records(event: SQSEvent) -> dict[str, Any]:
    """Resume erasures and recompute postings."""
    return work(event)


def work(event: SQSEvent) -> dict[str, Any]:
    """Work off queue records of any kind; return those that must come again."""
    wiring.start()
    failed = worker.run(event.to_dict()["Records"], handlers=wiring.job_handlers(), clock=now)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


@app.on_sqs_message(queue="heardback-dead-letters", batch_size=10)
def dead_letters(event: SQSEvent) -> None:
    """Finish messages that are out of attempts; the next tick queues the rest again."""
    from chalicelib.jobs import dead_letters as expired_records

    wiring.start()
    expired_records.run(event.to_dict()["Records"], wiring.job_handlers(), now())


@app.on_sns_message(topic="heardback-mail-events")
def mail_events(event: SNSEvent) -> dict[str, int]:
    """Record bounces, complaints and deliveries from SES."""
    from chalicelib.messaging import delivery_events

    wiring.start()
    return delivery_events.take_mail(event.to_dict()["Records"], now())


@app.on_sns_message(topic="heardback-inbound-sms")
def inbound_sms(event: SNSEvent) -> dict[str, int]:
    """Record incoming texts: STOP at once, YES and NO for their application, the rest for the recruiter."""
    from chalicelib.messaging import delivery_events

    wiring.start()
    return delivery_events.take_texts(event.to_dict()["Records"], now(), wiring.channels())


@app.on_sns_message(topic="heardback-inbound-mail")
def inbound_mail(event: SNSEvent) -> dict[str, int]:
    """Record incoming mails: answers of candidates for the Inbox, and invitations that job seekers forward."""
    from chalicelib.accounts.seekers import invitations
    from chalicelib.messaging import delivery_events

    wiring.start()
    records, store = event.to_dict()["Records"], wiring.mail_store()
    return delivery_events.take_inbound_mail(records, now(), wiring.channels(), store, invitations.take)


@app.lambda_function(name="text_events")
def text_events(event: dict[str, Any], _: Any) -> dict[str, int]:
    """Record what became of texts after SNS took them, from its delivery log."""
    from chalicelib.messaging import text_events as delivery_log

    wiring.start()
    return delivery_log.take(event, now())


@app.lambda_function(name="read_workbook")
def read_workbook(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Read an uploaded workbook for the API, which has no part in the memory and time that it takes."""
    from chalicelib.integrations.imports import workbook_function

    return workbook_function.answer(event)


@app.schedule(Cron("15", "2-5", "*", "*", "?", "*"))
def nightly(_: CloudWatchEvent) -> dict[str, int]:
    """Take snapshots, recount, erase by retention and check the search by name, four times a night (UTC)."""
    wiring.start()
    started = now()
    return {name: count for run in wiring.nightly_runs() for name, count in run(started).items()}


gc.freeze()  # what is imported stays: later collections pass it over
gc.enable()
