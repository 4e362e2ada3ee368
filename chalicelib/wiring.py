"""Connects the parts of a process: settings, the table, clients, the queue, the providers, the clock, the job handlers.

Everything is built at first use, so that importing the app needs no environment.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib import config, item_kinds, logs  # noqa: F401 - every kind of item is known before the first is read
from chalicelib.applications.privacy import elsewhere
from chalicelib.auth import audit_log
from chalicelib.integrations.imports import workbook
from chalicelib.messaging import providers
from chalicelib.storage import fast_path, table

if TYPE_CHECKING:
    from chalicelib.applications.privacy.elsewhere import Export, Forget
    from chalicelib.jobs.queue import Queue
    from chalicelib.jobs.registry import QueueName, Registry
    from chalicelib.messaging.mail_store import MailStore
    from chalicelib.messaging.providers import Channels
    from chalicelib.storage.table import Key

Clock = Callable[[], datetime]


def _system_clock() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _system_clock


def now() -> datetime:
    """The current time, aware, in UTC. Only `app.py` and the local runner call it."""
    return _clock()


def set_clock(clock: Clock | None) -> None:
    """Replaces the system clock, for tests and the local runner. None puts it back."""
    global _clock
    _clock = clock or _system_clock


@cache
def start() -> None:
    """Binds the table and the providers. Raises SettingError where a setting is missing or wrong."""
    logs.install_redaction()
    settings = config.settings()
    providers.connect_by(channels)
    table.bind(settings.table, settings.region, _session())


@cache
def sqs() -> Any:
    return _client("sqs", connect_timeout=2, read_timeout=10, max_pool_connections=32, **fast_path.client_options())


@cache
def sns() -> Any:
    return _sender("sns")


@cache
def ses() -> Any:
    return _sender("sesv2")


@cache
def s3() -> Any:
    return _client("s3", connect_timeout=2, read_timeout=10)


def mail_store() -> MailStore:
    """Where mail that arrives is put. Raises SettingError where none does."""
    from chalicelib.errors import SettingError
    from chalicelib.messaging.mail_store import MailStore

    bucket = config.settings().inbound_mail_bucket
    if not bucket:
        raise SettingError("HEARDBACK_INBOUND_MAIL_BUCKET is not set")
    return MailStore(s3(), bucket)


@cache
def lambda_() -> Any:
    """One attempt: the caller is told to send the file again, and a file that kills the function kills it once."""
    return _client("lambda", connect_timeout=2, read_timeout=16, retries={"total_max_attempts": 1})


def _sender(service: str) -> Any:
    """One attempt only: neither Publish nor SendEmail has an idempotency token, so the SDK's retry would text twice."""
    return _client(
        service,
        connect_timeout=1,
        read_timeout=5,
        max_pool_connections=16,
        retries={"total_max_attempts": 1},
        **fast_path.client_options(),
    )


def _client(service: str, **options: Any) -> Any:
    from botocore.config import Config

    client = _session().create_client(service, region_name=config.settings().region, config=Config(**options))
    fast_path.install(client)
    return client


@cache
def _session() -> Any:
    """The session of all clients, the table's too: each would read the SDK's endpoint data again, 75 ms."""
    import botocore.session  # boto3's layer adds nothing to these clients but 20 ms

    return botocore.session.get_session()


def _parameters(names: Sequence[str], region: str) -> Mapping[str, str]:
    """Reads values from the Parameter Store, in one call."""
    from botocore.config import Config

    ssm = _session().create_client("ssm", region_name=region, config=Config(connect_timeout=2, read_timeout=3))
    found = ssm.get_parameters(Names=list(names), WithDecryption=True)
    return {parameter["Name"]: parameter["Value"] for parameter in found["Parameters"]}


config.read_parameters_by(_parameters)


def _find_rows(raw: bytes, sheet: str | None) -> workbook.Found:
    """Have a workbook read by the function that the settings name, else by a process of this machine."""
    if not config.settings().workbook_function:
        return workbook.find_rows(raw, sheet)
    from chalicelib.integrations.imports import workbook_function

    return workbook_function.ask(_invoke_workbook_function, raw, sheet)


def _invoke_workbook_function(request: bytes) -> tuple[dict[str, Any] | None, bool]:
    from botocore.exceptions import ReadTimeoutError

    client = lambda_()
    try:
        response = client.invoke(FunctionName=config.settings().workbook_function, Payload=request)
    except client.exceptions.TooManyRequestsException:
        return None, True
    except ReadTimeoutError:
        return None, False
    return None if "FunctionError" in response else json.loads(response["Payload"].read()), False


workbook.find_rows_by(_find_rows)


@cache
def queues() -> Mapping[QueueName, Queue]:
    """The queues from scheduler to workers, as far as the settings name them."""
    from chalicelib.jobs.queue import Queue
    from chalicelib.jobs.registry import QueueName

    settings = config.settings()
    urls = {
        QueueName.REMINDERS: settings.queue_url,
        QueueName.WEBHOOKS: settings.webhook_queue_url,
        QueueName.ATS: settings.ats_queue_url,
        QueueName.IMPORTS: settings.import_queue_url,
        QueueName.RECORDS: settings.record_queue_url,
    }
    return {name: Queue(sqs(), url) for name, url in urls.items() if url}


def queue_of(key: Key) -> QueueName:
    """The queue of the job that a key names."""
    return _queue_registry().queue_of(key)


@cache
def _queue_registry() -> Registry:
    """What the scheduler knows of jobs: without the modules that send, which would slow its start."""
    from chalicelib.background_jobs import background_jobs
    from chalicelib.jobs.registry import Registry

    return Registry(background_jobs())


@cache
def channels() -> Channels:
    from chalicelib.messaging.providers import Channels

    settings = config.settings()
    return Channels(
        sns(),
        ses(),
        email_from=settings.email_from,
        sms_sender=settings.sms_sender,
        sms_number=settings.sms_number,
        sms_max_price_usd=settings.sms_max_price_usd,
        configuration_set=settings.ses_configuration_set,
    )


@cache
def job_handlers() -> Registry:
    """The handler of each kind of job: only this place knows the queue and what works its jobs."""
    from chalicelib.background_jobs import background_jobs
    from chalicelib.jobs.registry import Registry
    from chalicelib.messaging import delivery

    return Registry([delivery.handler(channels()), *background_jobs()])


def nightly_runs() -> tuple[Callable[[datetime], dict[str, int]], ...]:
    """What is done four times a night, in this order: each takes the time and returns its counts."""
    from chalicelib.applications import moment_pass
    from chalicelib.applications.candidates import name_pass
    from chalicelib.applications.privacy import retention
    from chalicelib.reputation import nightly

    return (nightly.run, retention.run, name_pass.run, moment_pass.run)


def _external_erasures() -> tuple[Forget, ...]:
    """Functions that erase what integrations keep of a candidate."""
    from chalicelib.integrations.ats import erasure as ats
    from chalicelib.integrations.imports import service as imports

    return (imports.erase_person, ats.erase_person)


elsewhere.also_forgotten_by(_external_erasures)


def _external_exports() -> tuple[Export, ...]:
    """Functions that export what integrations keep of a candidate."""
    from chalicelib.integrations.ats.person_export import export_person

    return (export_person,)


elsewhere.also_exported_by(_external_exports)


def register_snapshot_hooks() -> None:
    """Has Lambda call `load_modules` before it takes a snapshot, and `restored` in each process that starts from it (SnapStart).

    The library is part of Lambda's runtimes, and of nothing else.
    """
    try:
        import snapshot_restore_py
    except ModuleNotFoundError:
        return
    snapshot_restore_py.register_before_snapshot(load_modules)
    snapshot_restore_py.register_after_restore(restored)


def load_modules() -> None:
    """Imports what requests import at their first use, so that a snapshot holds it. Reads no setting and opens nothing."""
    import chalicelib

    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)


def restored() -> None:
    """Makes a process that starts from a snapshot one of its own.

    Connections, credentials, secrets and settings are made again at first use. `random` was seeded at its import: without another
    seed all processes would wait equally long before they try again. Ids, nonces and keys come from the kernel. The clock is
    asked at each use.
    """
    reset()
    random.seed()


def reset() -> None:
    """Drops what was built, for another environment."""
    config.forget()
    audit_log.forget_counts()
    for built in (start, _session, sqs, sns, ses, s3, lambda_, queues, _queue_registry, channels, job_handlers):
        built.cache_clear()
