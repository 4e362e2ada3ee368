"""A wrong setting stops the program and is named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chalicelib.config import Settings
from chalicelib.errors import SettingError

GOOD = {
    "HEARDBACK_TABLE": "heardback",
    "AWS_REGION": "eu-central-1",
    "HEARDBACK_QUEUE_URL": "https://sqs.example/1/due",
    "HEARDBACK_DEAD_LETTER_QUEUE_URL": "https://sqs.example/1/dead",
    "HEARDBACK_SECRET": "s" * 32,
    "HEARDBACK_OPERATOR_KEY_SHA256": "AB" * 32,
    "HEARDBACK_BASE_URL": "https://api.example/prod/",
    "HEARDBACK_EMAIL_FROM": "Heardback <hello@example.com>",
}


def test_good_settings_are_read_and_tidied() -> None:
    """A trailing slash would be doubled in links."""
    settings = Settings.from_env(GOOD)
    assert settings.base_url == "https://api.example/prod"
    assert settings.operator_key_sha256 == "ab" * 32
    assert settings.sms_max_price_usd == Decimal("0.50")
    assert settings.support_email is None


def test_everything_that_is_missing_is_named_at_once() -> None:
    """All wrong settings are named at once, not one a deployment."""
    with pytest.raises(SettingError) as caught:
        Settings.from_env({})
    for name in GOOD:
        assert f"{name} is not set" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEARDBACK_SECRET", "hunter2"),
        ("HEARDBACK_OPERATOR_KEY_SHA256", "the key itself"),
        ("HEARDBACK_BASE_URL", "heardback.example"),
        ("HEARDBACK_QUEUE_URL", "due"),
        ("HEARDBACK_EMAIL_FROM", "nobody"),
        ("HEARDBACK_SMS_MAX_PRICE_USD", "NaN"),
        ("HEARDBACK_SMS_MAX_PRICE_USD", "0"),
        ("HEARDBACK_SMS_PRICE_USD", "-1"),
        ("HEARDBACK_SMS_PRICE_USD", "a cent"),
        ("HEARDBACK_SUPPORT_EMAIL", "nobody"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(name: str, value: str) -> None:
    """The message goes to a log that many can read."""
    with pytest.raises(SettingError, match=name) as caught:
        Settings.from_env({**GOOD, name: value})
    assert f"{name} is " in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_secrets_are_not_in_the_settings_text() -> None:
    """Logging the settings shows no secret."""
    assert "s" * 32 not in repr(Settings.from_env(GOOD))


def test_importing_the_app_needs_no_setting(monkeypatch: Any) -> None:
    """`chalice package` imports it where nothing is set."""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", "import app"], env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
