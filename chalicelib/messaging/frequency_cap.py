"""Caps messages to one person at three in seven days, by all employers of the deployment together.

Each employer keeps one message of its own in seven days, even where others have used up the three. The reason tells no employer
how often others wrote.

A person with several applications: each message is noted at all of their addresses before it is sent, on the condition that
no other was noted meanwhile, so two workers see each other. A person with one application cannot exceed the cap, and nothing
is noted for them. When a second application comes, the messages about the first are read from its partition. Where an
application got an address later, the messages of all applications with that address are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed, HeardbackError, Unavailable
from chalicelib.messaging import opt_outs
from chalicelib.messaging.messages import MAY_HAVE_GONE_OUT, MessageItem
from chalicelib.messaging.plans import Draft, Held
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address, OptOutItem
from chalicelib.storage.table import Item, Key, stored_instant

MOST = 3
WITHIN = timedelta(days=7)
TOO_OFTEN = "frequency cap"
_TRIES = 6


def must_count(draft: Draft, standing: opt_outs.Standing) -> bool:
    """Whether this person may have had several messages lately, so that this one must be counted."""
    return draft.item.audience == "candidate" and (draft.counted or standing.is_shared(draft.people))


def note(draft: Draft, deciding: frozenset[str], seen: list[opt_outs.Standing], now: datetime) -> Held | None:
    """Notes that this message is about to be sent. Returns why it is held instead.

    It is one too many, or the person opted out at this moment. `deciding` are the messages of the same claim that are noted
    too. What is read of opt-outs is added to `seen`: it counts for these too. Raises HeardbackError.
    """
    addresses = opt_outs.keys_of_all(draft.people)
    keys = list(addresses)
    own = {recipients.key_of(*address) for address in draft.people}
    for _ in range(_TRIES):
        items = _items(table.get_many(dict.fromkeys([*keys, *opt_outs.keys_of_stops(draft.stopped_at)])))
        standing = opt_outs.standing(addresses, items)
        seen.append(standing)
        if reason := standing.block_reason((draft.message.channel, draft.message.to), draft.item.PK):
            return Held(reason)
        lately = {key: _lately(items.get(key), now) for key in keys}
        about = _in_their_applications(draft, items, now)
        noted_now = {message: at for notes in lately.values() for message, at in notes}
        others = noted_now.keys() | about["sent"] | about["unknown"]
        from_here = about["own"] | {message for message, at in noted_now.items() if _employer_of(at) == draft.item.employer_id}
        for counted, later in ((others, False), (others | about["sending"] - deciding, True)):
            counted = counted - {draft.item.id}
            if len(counted) >= MOST and counted & from_here:  # without one of its own, this is the employer's one of the week
                return Held(TOO_OFTEN, later=later)
        mine = [draft.item.id, f"{stored_instant(now)} {draft.item.employer_id}"]
        try:
            noted = [key for key in keys if key in own or key in items]
            notes = {key: [*_without(lately[key], draft), mine] for key in noted}
            recipients.write_notes(items, notes, _texted(draft))
            return None
        except ConditionFailed:  # another worker noted a message to this person just now
            continue
    raise Unavailable


def take_back(draft: Draft) -> None:
    """Removes the note of a message that was not sent. Where this fails, the person gets one message less."""
    keys = list(opt_outs.keys_of_all(draft.people))
    for _ in range(_TRIES):
        try:
            items = _items(table.get_many(keys))
            known = {key: item.written or [] for key, item in items.items()}
            recipients.write_notes(items, {key: _without(notes, draft) for key, notes in known.items()})
            return
        except ConditionFailed:
            continue
        except HeardbackError:
            return


def _texted(draft: Draft) -> dict[Key, str]:
    """The case of a text, by the key of its number: a reply is then found to belong to it."""
    message = draft.message
    return {recipients.key_of("sms", message.to): draft.item.PK} if message.channel == "sms" else {}


def _items(found: Mapping[Key, Item]) -> dict[Key, OptOutItem]:
    return {key: item for key, item in found.items() if isinstance(item, OptOutItem)}


def _lately(item: OptOutItem | None, now: datetime) -> list[list[str]]:
    since = stored_instant(now - WITHIN)
    return [note for note in (item.written or [] if item else []) if note[1] > since]


def _employer_of(noted_at: str) -> str:
    """Returns who sent a noted message. Older code compares the instant before it as text, and noted no employer itself."""
    return noted_at.partition(" ")[2]


def _without(notes: list[list[str]], draft: Draft) -> list[list[str]]:
    return [note for note in notes if note[0] != draft.item.id]


def _in_their_applications(draft: Draft, items: Mapping[Key, OptOutItem], now: datetime) -> dict[str, set[str]]:
    """Ids of messages, by status, in this application and those that carry an address of this person. "own": of its employer.

    These were sent while there was only one application, or before an application got the address, and are noted nowhere.
    Messages to any address count where the application still carries one of the person's.
    """
    first = {item.first_case for item in items.values() if item.first_case} | {draft.item.PK}
    every = first | {pk for key, item in items.items() if item.late for pk in recipients.cases_at(key)}
    cases = table.get_many((pk, "APP") for pk in every - {draft.item.PK}) if len(every) > 1 else {}
    people, found = set(_folded(draft.people)), {status: set[str]() for status in (*MAY_HAVE_GONE_OUT, "own")}
    for pk in sorted(every):
        case = cases.get((pk, "APP"))
        theirs = set(_folded(recipients.addresses_of(case.email, case.phone))) if isinstance(case, ApplicationItem) else people
        for item in table.query(pk, "MSG#"):
            if not isinstance(item, MessageItem) or (item.status == "sending" and pk not in first):
                continue  # what another application is sending now is noted before it goes out
            if _counts(item, people, not theirs.isdisjoint(people), now):
                found[item.status].add(item.id)
                if item.employer_id == draft.item.employer_id:
                    found["own"].add(item.id)
    return found


def _counts(item: MessageItem, people: Collection[tuple[str, str]], same_person: bool, now: datetime) -> bool:
    """Whether a message counts. Messages to an erased person have no address any more and do not."""
    to = item.attribute_values.get("to")
    if to is None or item.status not in MAY_HAVE_GONE_OUT or (item.settled_at or item.created_at) <= now - WITHIN:
        return False
    return same_person or recipients.canonical(item.channel, to) in people


def _folded(addresses: Iterable[Address]) -> Iterable[tuple[str, str]]:
    return (recipients.canonical(*address) for address in addresses)
