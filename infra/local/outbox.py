"""Records every SNS and SES call that was accepted, headers included, where the SDK sends it.

MiniStack's own mail store keeps neither headers nor MIME, and is lost when it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local.files import Damaged, unwritable

Entry = dict[str, Any]
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def watch(sns: Any, ses: Any, accepted: Callable[[Entry], None], clock: Callable[[], datetime]) -> None:
    """Call `accepted` for every message that the provider accepted, the SDK's retries included."""
    for client, operation, entries_of in (
        (sns, "sns.Publish", lambda params: [sms_entry(params)]),
        (ses, "sesv2.SendEmail", lambda params: [email_entry(params)]),
        (ses, "sesv2.SendBulkEmail", bulk_entries),
    ):
        _watch(client, operation, entries_of, accepted, clock)


def _watch(
    client: Any,
    operation: str,
    entries_of: Callable[[dict[str, Any]], list[Entry]],
    accepted: Callable[[Entry], None],
    clock: Callable[[], datetime],
) -> None:
    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["heardback_sent"] = params

    def answered(
        parsed_response: dict[str, Any] | None, context: dict[str, Any], exception: Exception | None = None, **_: Any
    ) -> None:
        taken = parsed_response is not None and parsed_response["ResponseMetadata"]["HTTPStatusCode"] < 300
        if taken or getattr(exception, "taken_by_provider", False):
            at = clock().astimezone(UTC).isoformat().replace("+00:00", "Z")
            entries = entries_of(context["heardback_sent"])
            for entry, message_id in zip(entries, _message_ids(parsed_response, len(entries)), strict=True):
                if message_id is not None:
                    accepted({**entry, "at": at, **({"message_id": message_id} if message_id else {})})

    client.meta.events.register(f"provide-client-params.{operation}", remember, unique_id=f"outbox-params-{operation}")
    client.meta.events.register(f"response-received.{operation}", answered, unique_id=f"outbox-answer-{operation}")


def _message_ids(response: dict[str, Any] | None, count: int) -> list[str | None]:
    """The id of each message: "" where the answer was lost, None where one of many was refused."""
    if response is None:
        return [""] * count
    if "BulkEmailEntryResults" not in response:
        return [response.get("MessageId", "")]
    return [one.get("MessageId", "") if one["Status"] == "SUCCESS" else None for one in response["BulkEmailEntryResults"]]


def sms_entry(params: dict[str, Any]) -> Entry:
    sender = params.get("MessageAttributes", {}).get("AWS.SNS.SMS.SenderID", {}).get("StringValue")
    number = params.get("MessageAttributes", {}).get("AWS.MM.SMS.OriginationNumber", {}).get("StringValue")
    return {"channel": "sms", "to": params["PhoneNumber"], "from": number or sender, "body": params["Message"]}


def email_entry(params: dict[str, Any]) -> Entry:
    simple = params["Content"]["Simple"]
    body = simple["Body"]
    return {
        "channel": "email",
        "to": params["Destination"]["ToAddresses"][0],
        "from": params["FromEmailAddress"],
        "subject": simple["Subject"]["Data"],
        "body": body.get("Text", {}).get("Data"),
        "html": body.get("Html", {}).get("Data"),
        "reply_to": params.get("ReplyToAddresses", []),
        "headers": {header["Name"]: header["Value"] for header in simple.get("Headers", [])},
        "tags": {tag["Name"]: tag["Value"] for tag in params.get("EmailTags", [])},
    }


def bulk_entries(params: dict[str, Any]) -> list[Entry]:
    """Each mail of a bulk send as its person sees it."""
    template = params["DefaultContent"]["Template"]["TemplateContent"]
    return [_bulk_entry(params, template, one) for one in params["BulkEmailEntries"]]


def _bulk_entry(params: dict[str, Any], template: dict[str, str], one: dict[str, Any]) -> Entry:
    data = json.loads(one["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
    rendered = {part: _PLACE.sub(lambda found: data[found[1]], words) for part, words in template.items()}
    return {
        "channel": "email",
        "to": one["Destination"]["ToAddresses"][0],
        "from": params["FromEmailAddress"],
        "subject": rendered["Subject"],
        "body": rendered.get("Text"),
        "html": rendered.get("Html"),
        "reply_to": params.get("ReplyToAddresses", []),
        "headers": {header["Name"]: header["Value"] for header in one.get("ReplacementHeaders", [])},
        "tags": {tag["Name"]: tag["Value"] for tag in one.get("ReplacementTags", [])},
    }


class Outbox:
    """`outbox.jsonl`: one line an entry, oldest first, on disk before the sender gets the answer.

    No entry stays in memory: a runner may send for weeks. Who asks reads the file.
    """

    def __init__(self, path: Path) -> None:
        """Raises Damaged. Damaged lines are named once, here."""
        self._path = path
        self._lock = threading.Lock()
        _mend(path)

    def add(self, entry: Entry) -> None:
        """Raises Unwritable. Half a line is taken back, so that the next entry starts on its own line."""
        with self._lock:
            before = self._path.stat().st_size if self._path.exists() else 0
            try:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.truncate(self._path, before)
                raise unwritable(self._path, error) from None

    @property
    def size(self) -> int:
        """How long the file is now, in bytes."""
        with self._lock:
            return self._path.stat().st_size if self._path.exists() else 0

    def entries(self, after: int = 0) -> list[Entry]:
        """Return the entries, damaged lines left out: all, or those that were added after a `size`."""
        end = self.size  # whole lines end here
        if end <= after:
            return []
        with self._path.open("rb") as file:
            file.seek(after)
            return [entry for line in file.read(end - after).split(b"\n") if (entry := _entry(line)) is not None]


def _mend(path: Path) -> None:
    """Cut off a half-written last line of a killed run, so that the next entry starts on its own line.

    Another damaged line stays in the file and is left out; which one is printed.
    """
    if not path.exists():
        return
    damaged, end = [], 0
    try:
        with path.open("r+b") as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    end += len(line)
                    damaged += [str(number)] if _entry(line) is None else []
            file.truncate(end)
    except OSError as error:
        raise Damaged(f"{path} cannot be read ({error.strerror}): move it away, or use --fresh") from None
    if damaged:
        print(f"{path}: left out {len(damaged)} damaged line(s): {', '.join(damaged[:20])}", flush=True)


def _entry(line: bytes) -> Entry | None:
    """Parse a line; None where it is not an entry as we write them."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("to"), str) else None
