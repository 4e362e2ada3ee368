"""Types of fields that many bodies share, as pydantic annotations. Imports pydantic (96 ms): for schema modules only.

Every reader refuses control characters, so that no name ever breaks a header, a CSV row or a text message.
Instants need the validation context `{"now": now}`, which `http.validate` gives.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

YEARS_FROM_NOW = timedelta(days=3653)
NAME_MOST = 200
LONG_TEXT_MOST = 4000
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EMAIL = re.compile(
    r"(?=.{3,254}$)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
_PHONE = re.compile(r"\+[0-9 ().\-/]{4,40}", re.ASCII)
_LOCALE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*", re.ASCII
)


class Body(BaseModel):
    """A request body: unknown fields are errors, and "1" is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def fault_below(below: str, message: str) -> PydanticCustomError:
    """For a validator of a whole model: the fault lies at one field. `fault_below("/end_at", "must be after start_at")`."""
    return PydanticCustomError("fault", "{message}", {"below": below, "message": message})


def given(body: BaseModel) -> dict[str, Any]:
    """The fields that the client sent, by name: in a merge patch null means "remove", absent means "leave"."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _visible(value: str) -> bool:
    return any(unicodedata.category(char)[0] not in "ZC" for char in value)


def _forbidden(char: str, allowed: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in allowed


def _line(value: Any, most: int) -> str:
    text = _string(value).strip(" ")
    if any(_forbidden(char, "") for char in text):
        raise ValueError("must not hold control characters or line breaks")
    if not 1 <= len(text) <= most or not _visible(text):
        raise ValueError(f"must be 1 to {most} characters, spaces around it aside")
    return text


def read_name(value: Any) -> str:
    return _line(value, NAME_MOST)


def read_long_text(value: Any) -> str:
    """Free text for people: line breaks and tabs are welcome, other control characters are not."""
    text = _string(value)
    if any(_forbidden(char, "\n\r\t") for char in text):
        raise ValueError("must not hold control characters other than line breaks and tabs")
    if len(text) > LONG_TEXT_MOST:
        raise ValueError(f"must be at most {LONG_TEXT_MOST} characters")
    return text


def read_instant(value: Any, info: ValidationInfo) -> datetime:
    """RFC 3339 with an offset, within 10 years of now; in UTC afterwards."""
    context: dict[str, datetime] = info.context or {}
    return instant_near(_string(value), context["now"])


def instant_near(value: str, now: datetime) -> datetime:
    """The same for a query value."""
    match = _RFC_3339.fullmatch(value)
    if not match:
        raise ValueError("must be an RFC 3339 instant with an offset, like 2026-11-23T17:00:00+01:00")
    date, time, fraction, offset = match.groups()
    try:
        text = f"{date}T{time}.{(fraction or '0')[:6]:0<6}{'+00:00' if offset in 'Zz' else offset}"
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not an instant that exists") from None
    if abs(moment - now) > YEARS_FROM_NOW:
        raise ValueError("must be within 10 years of now")
    return moment


@cache
def _zones() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text().split())


def read_zone(value: Any) -> str:
    if _string(value) not in _zones():
        raise ValueError("must be an IANA time zone, like Europe/Berlin")
    ZoneInfo(value)
    return value


def read_phone(value: Any) -> str:
    """E.164: "+" and the country code; spaces, dots, hyphens and brackets are taken out."""
    import phonenumbers  # 17 ms: paid when the first number comes

    number = None
    if _PHONE.fullmatch(_string(value).strip(" ")):
        try:
            number = phonenumbers.parse(value)
        except phonenumbers.NumberParseException:
            number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError("must be a phone number in E.164, like +12025550123")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def takes_texts(e164: str) -> bool:
    """False for numbers known to be landlines or services: a text there is paid for and never read."""
    import phonenumbers

    kind = phonenumbers.PhoneNumberType
    deaf = {kind.FIXED_LINE, kind.TOLL_FREE, kind.PREMIUM_RATE, kind.SHARED_COST, kind.PAGER, kind.UAN, kind.VOICEMAIL}
    return phonenumbers.number_type(phonenumbers.parse(e164)) not in deaf


def country_of(e164: str) -> str | None:
    """ISO 3166 country of a number, or None where it has none (satellites, freephone)."""
    import phonenumbers

    number = phonenumbers.parse(e164)
    code = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return code if code and code.isalpha() and code != "ZZ" else None


def read_email(value: Any) -> str:
    """An ASCII address with a dot in its domain. The domain is lower-cased, the part before "@" is kept as it came."""
    text = _string(value).strip(" ")
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be an email address, like dana@example.com")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def read_locale(value: Any) -> str:
    if len(_string(value)) > 35 or not _LOCALE.fullmatch(value):
        raise ValueError("must be a BCP 47 language tag, like en-GB")
    language, *subtags = value.split("-")
    cased = [tag.upper() if len(tag) == 2 else tag.title() if len(tag) == 4 and tag.isalpha() else tag.lower() for tag in subtags]
    return "-".join([language.lower(), *cased])


def read_country(value: Any) -> str:
    """An ISO 3166 country code that phones are known to have."""
    import phonenumbers

    if _string(value) not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be an ISO 3166 country code, like US")
    return value


Name = Annotated[str, BeforeValidator(read_name)]
LongText = Annotated[str, BeforeValidator(read_long_text)]
Instant = Annotated[datetime, BeforeValidator(read_instant)]
ZoneName = Annotated[str, BeforeValidator(read_zone)]
Phone = Annotated[str, BeforeValidator(read_phone)]
Email = Annotated[str, BeforeValidator(read_email)]
Locale = Annotated[str, BeforeValidator(read_locale)]
Country = Annotated[str, BeforeValidator(read_country)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class ExternalId(Body):
    """A record's id in another system, such as an applicant tracking system."""

    system: Name
    id: Name
