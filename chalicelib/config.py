"""Settings from the environment. No other module reads `os.environ`. A wrong or missing value stops the program and is named.

Nothing is read at import, because Chalice imports the app to package it where no setting is set.
Where HEARDBACK_SSM_PREFIX is set, what `parameters` lists comes from the Parameter Store, once a process, so that
no template and no function's configuration holds a secret.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from chalicelib import setting_checks as check
from chalicelib.errors import SettingError
from chalicelib.key_ring import USES, KeyRing, Use
from chalicelib.setting_checks import Reader

OPERATOR = "operator"
SECRETS: dict[str, str] = {
    "sign": "HEARDBACK_SIGN_SECRETS",
    "lock": "HEARDBACK_LOCK_SECRETS",
    "hash": "HEARDBACK_HASH_SECRETS",
    OPERATOR: "HEARDBACK_OPERATOR_KEY_SHA256",
}
"""What a process may need to know -> its setting. HEARDBACK_SECRETS_USED names what it does need, or is `none`."""
BASE_URL = "HEARDBACK_BASE_URL"
ReadParameters = Callable[[Sequence[str], str], Mapping[str, str]]
"""(names of parameters, region) -> the values of those that exist."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a deployment. `base_url` has no trailing slash and includes the stage's path."""

    table: str
    region: str
    queue_url: str
    dead_letter_queue_url: str
    key_rings: Mapping[Use, KeyRing] = field(repr=False)
    """Our own secrets by use: those that this process needs."""
    operator_key_sha256: str = field(repr=False)
    """Empty in a process that does not need it: it equals the hash of no key."""
    base_url: str
    email_from: str
    sms_sender: str | None = None
    sms_number: str | None = None
    """The number of texts of employers without one of their own."""
    own_number_countries: tuple[str, ...] = ()
    """Countries that an employer texts only by a number of its own, where there are several employers."""
    sms_max_price_usd: Decimal = Decimal("0.50")
    sms_price_usd: Decimal = Decimal("0.01")
    """The least that a text counts for against monthly caps, whatever its country; 0 counts nothing."""
    sms_prices: Mapping[str, Decimal] = field(default_factory=dict)
    """What a text to a country counts for, where the operator knows better than `rules/sms_prices.py`."""
    sms_monthly_budget_usd: Decimal = Decimal(1000)
    """What the texts of all employers together may cost in a month; 0 is no budget of the deployment."""
    support_email: str | None = None
    ses_configuration_set: str | None = None
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the API from a browser; "*" is any."""
    requests_per_second: float = 50
    """The rate limit of one API key in one process; 0 is no limit."""
    sends_per_second: float = 14
    """Texts and mails together that the providers accept from this account; 0 is no limit. The rest is sent later.
    SES often begins at 14 a second out of its sandbox, SNS at 20."""
    employer_sends_per_minute: int = 0
    """One employer's share of it; 0 is no limit. The rest is sent later."""
    chunks_at_once: int = 3
    """Chunks of 20 messages that one worker sends at once, 1 to 8. More is faster, and leaves more `unknown` if it dies."""
    seekers_open: bool = False
    """Whether job seekers can sign up. Those who did can sign in either way."""
    webhook_queue_url: str | None = None
    """Queues for what may be slow. What has no queue of its own is worked with the reminders."""
    ats_queue_url: str | None = None
    import_queue_url: str | None = None
    record_queue_url: str | None = None
    inbound_mail_domain: str | None = None
    """The domain whose mail comes to us, answers of candidates to the Inbox. Without one they go to `email_reply_to`."""
    inbound_mail_bucket: str | None = None
    """Where mail that arrives is put for us to read."""
    workbook_function: str | None = None
    """The function that reads workbooks, by name or ARN. Without one, this process has a process of its own read them."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, read_parameters: ReadParameters | None = None) -> Settings:
        """Reads and checks all settings. SettingError names every one that is missing or wrong."""
        read = Reader(_with_parameters(os.environ if env is None else env, read_parameters))
        settings = cls(
            table=read("HEARDBACK_TABLE"),
            region=read("AWS_REGION", otherwise=read.env.get("AWS_DEFAULT_REGION")),
            queue_url=read("HEARDBACK_QUEUE_URL", check.url),
            dead_letter_queue_url=read("HEARDBACK_DEAD_LETTER_QUEUE_URL", check.url),
            key_rings=_key_rings(read),
            operator_key_sha256=read(SECRETS[OPERATOR], check.sha256) if OPERATOR in _used(read.env) else "",
            base_url=read(BASE_URL, check.url).rstrip("/"),
            email_from=read("HEARDBACK_EMAIL_FROM", check.address),
            sms_sender=read.env.get("HEARDBACK_SMS_SENDER") or None,
            sms_number=read("HEARDBACK_SMS_NUMBER", check.number_if_any, otherwise=" ") or None,
            own_number_countries=tuple(read("HEARDBACK_OWN_NUMBER_COUNTRIES", check.countries, otherwise=" ").split()),
            sms_max_price_usd=Decimal(read("HEARDBACK_SMS_MAX_PRICE_USD", check.price, otherwise="0.50") or 0),
            sms_price_usd=Decimal(read("HEARDBACK_SMS_PRICE_USD", check.price_or_nothing, otherwise="0.01") or 0),
            sms_prices=check.country_prices(read("HEARDBACK_SMS_PRICES", check.price_list, otherwise=" ")),
            sms_monthly_budget_usd=Decimal(
                read("HEARDBACK_SMS_MONTHLY_BUDGET_USD", check.price_or_nothing, otherwise="1000") or 0
            ),
            support_email=read("HEARDBACK_SUPPORT_EMAIL", check.address_if_any, otherwise="") or None,
            ses_configuration_set=read.env.get("HEARDBACK_SES_CONFIGURATION_SET") or None,
            cors_origins=tuple(read("HEARDBACK_CORS_ORIGINS", check.origins, otherwise=" ").split()),
            requests_per_second=float(read("HEARDBACK_REQUESTS_PER_SECOND", check.rate, otherwise="50") or 0),
            sends_per_second=float(read("HEARDBACK_SENDS_PER_SECOND", check.rate, otherwise="14") or 0),
            employer_sends_per_minute=int(read("HEARDBACK_EMPLOYER_SENDS_PER_MINUTE", check.count, otherwise="0") or 0),
            chunks_at_once=int(read("HEARDBACK_CHUNKS_AT_ONCE", check.chunks, otherwise="3") or 0),
            seekers_open=read("HEARDBACK_SEEKERS_OPEN", check.true_or_false, otherwise="false") == "true",
            webhook_queue_url=read("HEARDBACK_WEBHOOK_QUEUE_URL", check.url_if_any, otherwise=" ") or None,
            ats_queue_url=read("HEARDBACK_ATS_QUEUE_URL", check.url_if_any, otherwise=" ") or None,
            import_queue_url=read("HEARDBACK_IMPORT_QUEUE_URL", check.url_if_any, otherwise=" ") or None,
            record_queue_url=read("HEARDBACK_RECORD_QUEUE_URL", check.url_if_any, otherwise=" ") or None,
            inbound_mail_domain=read("HEARDBACK_INBOUND_MAIL_DOMAIN", check.domain_if_any, otherwise=" ") or None,
            inbound_mail_bucket=read.env.get("HEARDBACK_INBOUND_MAIL_BUCKET") or None,
            workbook_function=read.env.get("HEARDBACK_WORKBOOK_FUNCTION") or None,
        )
        read.finish()
        return settings

    @property
    def sign(self) -> KeyRing:
        """Makes and checks links, cursors, cookies and form tokens."""
        return self._ring("sign")

    @property
    def lock(self) -> KeyRing:
        """Encrypts what is stored."""
        return self._ring("lock")

    @property
    def hash_secret(self) -> str:
        """Keys the hashes of addresses and names. With another one, every opt-out would be lost."""
        return self._ring("hash").current[1]

    def _ring(self, use: Use) -> KeyRing:
        ring = self.key_rings.get(use)
        if ring is None:
            raise SettingError(f"HEARDBACK_SECRETS_USED does not name {use}, so this process has no secret for it")
        return ring


def _used(env: Mapping[str, str]) -> list[str]:
    """Lists what of SECRETS this process needs."""
    used = (env.get("HEARDBACK_SECRETS_USED") or " ".join(SECRETS)).split()
    return [] if used == ["none"] else used


def _key_rings(read: Reader) -> dict[Use, KeyRing]:
    """Reads the rings that this process needs. Where a use has no secret of its own, HEARDBACK_SECRET serves it."""
    return {use: ring for use in USES if use in _used(read.env) and (ring := _key_ring(read, use))}


def _key_ring(read: Reader, use: Use) -> KeyRing | None:
    one_for_all = "HEARDBACK_SECRET" in read.env and SECRETS[use] not in read.env
    name, make = ("HEARDBACK_SECRET", KeyRing.of) if one_for_all else (SECRETS[use], KeyRing.parse)
    text = read(name, lambda value: str(make(value)) and value)
    return make(text) if text else None


def parameters(env: Mapping[str, str]) -> list[str]:
    """Lists the settings that a process reads from the Parameter Store: no secret that it does not need."""
    return [*(SECRETS[one] for one in _used(env)), BASE_URL]


def _with_parameters(env: Mapping[str, str], read_parameters: ReadParameters | None) -> Mapping[str, str]:
    """Adds the Parameter Store's values to the environment, which wins. A missing one is named like any other setting."""
    prefix, region = env.get("HEARDBACK_SSM_PREFIX", "").rstrip("/"), env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")
    if not prefix or not region or read_parameters is None:
        return env
    found = read_parameters([f"{prefix}/{name}" for name in parameters(env)], region)
    return {**{name.rpartition("/")[2]: value for name, value in found.items()}, **{name: env[name] for name in env if env[name]}}


_read_parameters: ReadParameters | None = None


def read_parameters_by(reader: ReadParameters) -> None:
    """Sets how the Parameter Store is read. `wiring.py` calls it, because it holds the AWS clients."""
    global _read_parameters
    _read_parameters = reader


@cache
def settings() -> Settings:
    """Returns the settings of this process, read once. Raises SettingError."""
    return Settings.from_env(read_parameters=_read_parameters)


@cache
def fast_path() -> bool:
    """Tells whether internals of botocore and PynamoDB are replaced for speed. Raises SettingError.

    It is read apart from the settings, because items are also made where no other setting is needed, as in tests.
    """
    value = os.environ.get("HEARDBACK_FAST_PATH") or "1"
    if value not in ("0", "1"):
        raise SettingError("HEARDBACK_FAST_PATH is neither 0 nor 1")
    return value == "1"


def forget() -> None:
    """Reads the environment again at the next use."""
    settings.cache_clear()
    fast_path.cache_clear()
