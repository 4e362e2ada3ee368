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
    own = {"HEARDBACK_SIGN_SECRETS", "HEARDBACK_LOCK_SECRETS", "HEARDBACK_HASH_SECRETS"}
    for name in (GOOD.keys() - {"HEARDBACK_SECRET"}) | own:
        assert f"{name} is not set" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEARDBACK_SECRET", "hunter2"),
        ("HEARDBACK_SIGN_SECRETS", "s" * 32),
        ("HEARDBACK_SIGN_SECRETS", "1:hunter2"),
        ("HEARDBACK_LOCK_SECRETS", f"1:{'s' * 32} 1:{'t' * 32}"),
        ("HEARDBACK_LOCK_SECRETS", f"256:{'s' * 32}"),
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
    assert f"{name} is " in str(caught.value) or f"{name} has " in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_secrets_are_not_in_the_settings_text() -> None:
    """Logging the settings shows no secret."""
    settings = Settings.from_env(GOOD)
    assert "s" * 32 not in repr(settings) + repr(settings.sign) + str(settings.lock)


def test_a_use_has_its_own_secret_or_the_one_for_all() -> None:
    """One machine needs one secret; a deployment has one for each use."""
    settings = Settings.from_env({**GOOD, "HEARDBACK_SIGN_SECRETS": f"2:{'b' * 32} 1:{'a' * 32}"})
    assert settings.sign.versions == ((2, "b" * 32), (1, "a" * 32))
    assert settings.lock.versions == ((0, "s" * 32),)
    assert settings.hash_secret == "s" * 32


def test_a_process_asks_the_parameter_store_for_no_secret_that_it_does_not_use() -> None:
    """The role of its function would refuse the whole request."""
    asked: list[str] = []

    def parameters(names: Any, region: str) -> dict[str, str]:
        asked.extend(names)
        return {"/heardback/prod/HEARDBACK_BASE_URL": "https://api.example"}

    told = {**GOOD, "HEARDBACK_SSM_PREFIX": "/heardback/prod", "HEARDBACK_SECRETS_USED": "none"}
    del told["HEARDBACK_SECRET"], told["HEARDBACK_OPERATOR_KEY_SHA256"], told["HEARDBACK_BASE_URL"]
    assert Settings.from_env(told, parameters).base_url == "https://api.example"
    assert asked == ["/heardback/prod/HEARDBACK_BASE_URL"]


def test_importing_the_app_needs_no_setting(monkeypatch: Any) -> None:
    """`chalice package` imports it where nothing is set."""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", "import app"], env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
