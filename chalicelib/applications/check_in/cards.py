"""Makes, lists and revokes check-in cards, and reads the one that a link opens.

A link holds the ids of employer and card under a MAC, and names no person. The card is read at every visit, so that revoking it
counts at once. Its link is made of the same bytes each time: a lost print can be printed again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib import signing
from chalicelib.applications import groups
from chalicelib.applications.candidates.items import CardItem
from chalicelib.applications.check_in.responses import CheckInCard
from chalicelib.auth.actors import Actor, stored_actor
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.config import settings
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.signing import BadToken
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

CARDS_MOST = 100
"""Cards of an employer that work at the same time."""
LASTS = timedelta(days=90)
KEPT = timedelta(days=400)
"""How long a card that ended is still listed: longer than anything that a candidate may ask about it."""
_PURPOSE = "check-in card"
_ID_BYTES, _ID_LETTERS = 17, 26


def create(
    employer_id: str,
    *,
    job_title: str,
    stage: str,
    minutes: int,
    now: datetime,
    by: Actor,
    group: str | None = None,
    owner_id: str | None = None,
    expires_at: datetime | None = None,
    committer: Committer = AT_ONCE,
) -> CardItem:
    """Makes a card. Raises Conflict where there are too many, Unprocessable for an unknown owner or one group too many."""
    if sum(is_open(card, now) for card in listed(employer_id)) >= CARDS_MOST:
        raise Conflict(f"There are {CARDS_MOST} check-in cards already: revoke one first.", code="too_many_cards")
    if owner_id and not isinstance(table.get(*person_key(employer_id, owner_id)), PersonItem):
        raise Unprocessable(errors=[FieldError("/owner_id", "there is no such person on the team")])
    card_id, until = ids.new_id("card", now), expires_at or now + LASTS
    card = CardItem(
        _pk(employer_id),
        f"CARD#{card_id}",
        id=card_id,
        job_title=job_title,
        stage=stage,
        group=groups.ensure(employer_id, group, now, "/group") if group else None,
        owner_id=owner_id,
        minutes=minutes,
        created_by=by.stored(),
        created_at=now,
        expires_on=until,
        expires_at=int((until + KEPT).timestamp()),
    )
    transaction = Transaction()
    transaction.create(card)
    committer.commit(transaction)
    return card


def listed(employer_id: str) -> list[CardItem]:
    """Returns all cards, the newest first."""
    items = table.query(_pk(employer_id), "CARD#")
    return [item for item in reversed(items) if isinstance(item, CardItem)]


def read(employer_id: str, card_id: str) -> CardItem:
    """Raises NotFound, also for another employer's card."""
    card = table.get(_pk(employer_id), f"CARD#{card_id}")
    if not isinstance(card, CardItem):
        raise NotFound
    return card


def revoke(employer_id: str, card_id: str, now: datetime) -> None:
    """Ends a card: its link opens nothing from now on. Raises NotFound, also where it was revoked before."""
    card = read(employer_id, card_id)
    if card.revoked_at is not None:
        raise NotFound
    transaction = Transaction()
    transaction.update(CardItem(*card.key), [CardItem.revoked_at.set(now)], CardItem.PK.exists())
    transaction.commit()


def is_open(card: CardItem, now: datetime) -> bool:
    """Whether candidates can check in by it."""
    return card.revoked_at is None and now < card.expires_on


def url(employer_id: str, card: CardItem) -> str:
    return f"{settings().base_url}/c/{token(employer_id, card.id)}"


def token(employer_id: str, card_id: str) -> str:
    """Makes the link's token of both ids, 74 letters: short enough for a code that old cameras read."""
    payload = b"".join(_packed(one) for one in (employer_id, card_id))
    return signing.sign_token(settings().sign, _PURPOSE, payload)


def opened_by(text: str, now: datetime) -> tuple[str, CardItem]:
    """Reads what a token opens: (employer's id, card). Raises BadToken, or Expired where the card has ended or is gone."""
    payload = signing.verify_token(settings().sign, _PURPOSE, text, now)
    if len(payload) != 2 * _ID_BYTES:
        raise BadToken
    employer_id, card_id = f"emp_{_unpacked(payload[:_ID_BYTES])}", f"card_{_unpacked(payload[_ID_BYTES:])}"
    card = table.get(_pk(employer_id), f"CARD#{card_id}")
    if not isinstance(card, CardItem) or not is_open(card, now):
        raise signing.Expired
    return employer_id, card


def serialize_card(employer_id: str, card: CardItem) -> CheckInCard:
    return CheckInCard(
        id=card.id,
        url=url(employer_id, card),
        job_title=card.job_title,
        stage=card.stage,
        group=card.group,
        owner_id=card.owner_id,
        minutes=int(card.minutes),
        created_at=card.created_at,
        recorded_by=stored_actor(card.created_by),
        expires_at=card.expires_on,
        revoked_at=card.revoked_at,
    )


def _packed(any_id: str) -> bytes:
    return ids.from_base32(any_id.partition("_")[2]).to_bytes(_ID_BYTES)


def _unpacked(packed: bytes) -> str:
    return ids.to_base32(int.from_bytes(packed), _ID_LETTERS)


def _pk(employer_id: str) -> str:
    return f"{keys.employer_pk(employer_id)}#CARDS"
