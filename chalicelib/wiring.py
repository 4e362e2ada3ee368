"""What is plugged together once a process: settings, the table, clients, the queue, the channels, the clock.

Everything is built at first use, so that importing the app asks nothing of the machine it is on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chalicelib import config, logs
from chalicelib.applications.privacy import erasure
from chalicelib.storage import fast_path, table

if TYPE_CHECKING:
    from chalicelib.applications.privacy.erasure import Forget
    from chalicelib.jobs.queue import Queue
    from chalicelib.messaging.providers import Channels
    from chalicelib.storage.table import Item

Clock = Callable[[], datetime]


def _system_clock() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _system_clock


def now() -> datetime:
    """This moment, aware, in UTC. Only `app.py` and the local runner ask."""
    return _clock()


def set_clock(clock: Clock | None) -> None:
    """Puts a clock that can be moved in place of the system's; None puts the system's back."""
    global _clock
    _clock = clock or _system_clock


@cache
def start() -> None:
    """Binds the table. Raises SettingError where a setting is missing or wrong."""
    logs.install_redaction()
    settings = config.settings()
    table.bind(settings.table, settings.region, _session().get_component("data_loader"))


@cache
def sqs() -> Any:
    return _client("sqs", connect_timeout=2, read_timeout=10, max_pool_connections=32)


@cache
def sns() -> Any:
    return _sender("sns")


@cache
def ses() -> Any:
    return _sender("sesv2")


def _sender(service: str) -> Any:
    """One attempt only: neither Publish nor SendEmail has an idempotency token, so the SDK's retry would text twice.

    What the SDK would check and compose anew for each message is left out: our own fields are checked at the door, and a
    quarter of a publish's CPU was the User-Agent and the shapes of three parameters.
    """
    return _client(
        service,
        connect_timeout=1,
        read_timeout=5,
        max_pool_connections=16,
        retries={"total_max_attempts": 1},
        parameter_validation=False,
        inject_host_prefix=False,
        disable_request_compression=True,
        user_agent="heardback botocore",
    )


def _client(service: str, **options: Any) -> Any:
    from botocore.config import Config

    client = _session().create_client(service, region_name=config.settings().region, config=Config(**options))
    fast_path.install(client)
    return client


@cache
def _session() -> Any:
    """One for all clients, the table's too: each session would read the SDK's endpoint data again, 75 ms."""
    import botocore.session  # boto3's own layer adds nothing to these clients, and 20 ms

    return botocore.session.get_session()


def _parameters(names: Sequence[str], region: str) -> Mapping[str, str]:
    """Values from the Parameter Store, in one call."""
    from botocore.config import Config

    ssm = _session().create_client("ssm", region_name=region, config=Config(connect_timeout=2, read_timeout=3))
    found = ssm.get_parameters(Names=list(names), WithDecryption=True)
    return {parameter["Name"]: parameter["Value"] for parameter in found["Parameters"]}


config.read_parameters_by(_parameters)


@cache
def queue() -> Queue:
    """The queue of what is due, from tick to deliver."""
    from chalicelib.jobs.queue import Queue

    return Queue(sqs(), config.settings().queue_url)


@cache
def channels() -> Channels:
    from chalicelib.messaging.providers import Channels

    settings = config.settings()
    return Channels(
        sns(),
        ses(),
        email_from=settings.email_from,
        sms_sender=settings.sms_sender,
        sms_max_price_usd=settings.sms_max_price_usd,
        configuration_set=settings.ses_configuration_set,
    )


WORKERS = {
    "ERASURE": "chalicelib.applications.privacy.erasure:resume",
    "EVT": "chalicelib.integrations.ats.process_event:work",
    "NEWS": "chalicelib.integrations.webhooks.deliver:tell_opt_out",
    "OUT": "chalicelib.integrations.webhooks.deliver:fan_out",
    "POLL": "chalicelib.integrations.ats.polls:work",
    "POSTING": "chalicelib.applications.law.recompute:work",
    "ROWS": "chalicelib.integrations.imports.process_rows:work",
    "SEND": "chalicelib.integrations.webhooks.deliver:deliver",
    "WATCH": "chalicelib.applications.webhook_timers:work",
}
"""What comes due beside reminders and digests, and who takes it: the wings do not know each other."""


@cache
def workers() -> dict[str, Callable[[Item, datetime], None]]:
    """Each is imported when the first such item comes due: most invocations have none."""
    return {kind: _late(*place.split(":")) for kind, place in WORKERS.items()}


def _late(module: str, name: str) -> Callable[[Item, datetime], None]:
    def work(item: Item, now: datetime) -> None:
        getattr(import_module(module), name)(item, now)

    return work


def _forgetting() -> tuple[Forget, ...]:
    """Who keeps something of a candidate outside the candidate's own records."""
    from chalicelib.integrations.ats import erasure as ats
    from chalicelib.integrations.imports import service as imports

    return (imports.forget, ats.forget)


erasure.also_forgotten_by(_forgetting)


def reset() -> None:
    """Forgets what was built, for another environment."""
    config.forget()
    for built in (start, _session, sqs, sns, ses, queue, channels, workers):
        built.cache_clear()
