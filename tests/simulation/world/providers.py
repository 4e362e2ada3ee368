"""SNS and SES: they take or refuse a message and remember every call, also those whose response was lost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One attempt to send a message. `taken`: it will be delivered. `heard`: what the caller learned.

    `heard` is "taken", "refused" or "nothing".
    """

    channel: str
    to: str
    text: str
    at: float
    by: str
    message_id: str
    taken: bool
    heard: str
    tags: dict[str, list[str]] = field(default_factory=dict)
    """SES returns them with its events about a mail."""
    reply_to: str = ""
    references: str = ""
    """Of a mail: where an answer goes, and what it brings back."""


@dataclass
class Providers:
    calls: list[Call] = field(default_factory=list)

    def call(self, operation: str, request: dict[str, Any], at: float, by: str, *, taken: bool, heard: str) -> Call:
        """Records one message. One of a bulk send is asked for as `alone` gives it."""
        tags = request.get("EmailTags", ())
        reply_to = references = ""
        if operation == "Publish":
            channel, to, text = "sms", request["PhoneNumber"], request["Message"]
        else:
            simple = request["Content"]["Simple"]
            channel, to, text = "email", request["Destination"]["ToAddresses"][0], simple["Body"]["Text"]["Data"]
            reply_to = next(iter(request.get("ReplyToAddresses", ())), "")
            references = next((one["Value"] for one in simple.get("Headers", ()) if one["Name"] == "References"), "")
        told = {tag["Name"]: [tag["Value"]] for tag in tags}
        made = Call(channel, to, text, at, by, f"provider-{len(self.calls) + 1}", taken, heard, told, reply_to, references)
        self.calls.append(made)
        return made


def alone(request: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """What would ask for one entry of a bulk send alone."""
    data = json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
    simple = {"Subject": {"Data": data["subject"]}, "Body": {"Text": {"Data": data["text"]}}}
    return {
        "Destination": entry["Destination"],
        "Content": {"Simple": {**simple, "Headers": entry.get("ReplacementHeaders", ())}},
        "EmailTags": entry.get("ReplacementTags", ()),
        "ReplyToAddresses": request.get("ReplyToAddresses", ()),
    }
