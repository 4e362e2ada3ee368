"""What candidates say to people: texts, mails, and "not yet" answers on their own page. Newest first, and marked as seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.applications.items import ApplicationItem, StatementItem
from chalicelib.auth.actors import Actor, stored_actor
from chalicelib.errors import ConditionFailed, NotFound
from chalicelib.messaging.message_list import newest_first
from chalicelib.messaging.reply_store import ReplyItem
from chalicelib.messaging.responses import Reply
from chalicelib.rules.copy.reply_mails import mail_notes, text_notes
from chalicelib.rules.model import ReplyKind
from chalicelib.storage import keys, table
from chalicelib.storage.feed import Change
from chalicelib.storage.ids import is_id
from chalicelib.storage.table import Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

LOOKED_AT = 25
_KINDS = {"rep": "REPLY", "sta": "STA"}
"""Prefix of the id: kind of the item."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a candidate said, with the application it is about."""

    item: ReplyItem | StatementItem
    application: ApplicationItem

    @property
    def kind(self) -> ReplyKind:
        """What this is: a text, a mail, a "not yet", or a "not yet" that disputes a logged contact."""
        if isinstance(self.item, ReplyItem):
            return "email" if self.item.channel == "email" else "text"
        return "dispute" if self.application.disputed and not self.item.voided else "not_yet"

    @property
    def words(self) -> str:
        """The candidate's own words. A "not yet" may have none."""
        return (self.item.body if isinstance(self.item, ReplyItem) else self.item.feedback) or ""

    @property
    def notes(self) -> list[str]:
        """What people must know: who may have written a mail, and what was not kept of it; that a text has no words."""
        item = self.item
        if not isinstance(item, ReplyItem):
            return []
        if item.channel != "email":
            return text_notes(item.body)
        return mail_notes(item.sender, item.sender_check, int(item.attachments or 0))

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.item.received_at if isinstance(self.item, ReplyItem) else self.item.recorded_at


def at_places(places: Sequence[str]) -> list[Entry | None]:
    """Reads entries at some places of an employer's list (`message_list.newest_first`); None for one that is gone."""
    wanted = [(pk, sk) for _, pk, sk in (place.split(" ") for place in places)]
    found = table.get_many(dict.fromkeys([*wanted, *((pk, "APP") for pk, _ in wanted)]))
    return [_entry(found.get(key), found.get((key[0], "APP"))) for key in wanted]


def _entry(item: Any, application: Any) -> Entry | None:
    if isinstance(item, ReplyItem | StatementItem) and isinstance(application, ApplicationItem):
        return Entry(item, application)
    return None


def read(employer_id: str, entry_id: str) -> Entry:
    """Reads one entry by its id. Raises NotFound."""
    prefix = entry_id.partition("_")[0]
    if prefix not in _KINDS or not is_id(entry_id, prefix):
        raise NotFound
    pk = keys.case_pk(employer_id, entry_id)
    found = table.get_many([(pk, f"{_KINDS[prefix]}#{entry_id}"), (pk, "APP")])
    entry = _entry(found.get((pk, f"{_KINDS[prefix]}#{entry_id}")), found.get((pk, "APP")))
    if entry is None or not entry.item.list_key:
        raise NotFound
    return entry


def unseen(employer_id: str, most: int) -> list[Entry]:
    """Reads the entries that nobody has seen among the newest `LOOKED_AT`, newest first, at most so many."""
    places = list(islice(newest_first(employer_id, ReplyItem.kind, None), LOOKED_AT))
    found = [entry for entry in at_places(places) if entry is not None] if places else []
    return [entry for entry in found if entry.item.seen_at is None][:most]


def mark_seen(employer_id: str, entry_id: str, by: Actor, now: datetime, *, committer: Committer = AT_ONCE) -> Entry:
    """Records that somebody read it. Idempotent: the first who read it stays. Raises NotFound."""
    entry = read(employer_id, entry_id)
    if entry.item.seen_at is None:
        transaction = Transaction()
        model = ReplyItem if isinstance(entry.item, ReplyItem) else StatementItem
        changes = [model.seen_at.set(now), model.seen_by.set(by.stored())]
        transaction.update(model(*entry.item.key), changes, model.PK.exists() & model.seen_at.does_not_exist())
        transaction.tell(Change(employer_id, "reply", entry.item.id, entry.application.id, now))
        try:
            committer.commit(transaction)
        except ConditionFailed:  # somebody else was quicker, or the person was erased
            return mark_seen(employer_id, entry_id, by, now)
        entry.item.seen_at, entry.item.seen_by = now, by.stored()
    return entry


def serialize_entry(entry: Entry) -> Reply:
    item = entry.item
    text = item if isinstance(item, ReplyItem) else None
    return Reply(
        id=item.id,
        application_id=entry.application.id,
        kind=entry.kind,
        from_=text.sender if text else None,
        body=entry.words,
        understood_as=text.understood_as if text else None,
        channel=(text.channel or "sms") if text else None,
        sender_check=text.sender_check if text else None,
        attachments=int(text.attachments or 0) if text else 0,
        received_at=entry.at,
        seen_at=item.seen_at,
        seen_by=stored_actor(item.seen_by),
    )
