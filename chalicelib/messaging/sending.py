"""Sends claimed messages that the gate lets through: each text by one call, and all mails of one sender by one call together."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from chalicelib.messaging import messages
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.gate import Gate
from chalicelib.messaging.mail_requests import Mail
from chalicelib.messaging.plans import Draft, Held
from chalicelib.messaging.providers import Channels, NotSent
from chalicelib.rules.employer import Employer

log = logging.getLogger(__name__)


class Sender:
    """Sends for one invocation. `employers` are those that were read so far, by id."""

    def __init__(self, channels: Channels, employers: Mapping[str, Employer | None], gate: Gate) -> None:
        self._channels = channels
        self._employers = employers
        self._gate = gate

    def send(self, drafts: Sequence[Draft], pool: ThreadPoolExecutor) -> list[SendResult]:
        """Sends a claim's messages. Opt-outs recorded before this moment stop theirs."""
        held = self._gate.check(drafts, pool)
        sent = self._hand_over([draft for draft in drafts if draft.item.id not in held], pool)
        results = [*(_unsent(draft, held[draft.item.id]) for draft in drafts if draft.item.id in held), *sent]
        for result in results:
            self._gate.settle(result)
        return results

    def _hand_over(self, drafts: Sequence[Draft], pool: ThreadPoolExecutor) -> list[SendResult]:
        mails = [draft for draft in drafts if draft.message.channel == "email"]
        groups = [[mails[place] for place in places] for places in self._channels.together([*map(self._mail, mails)])]
        texts = [[draft] for draft in drafts if draft.message.channel == "sms"]
        sent = list(chain.from_iterable(pool.map(self._send_group, [*groups, *texts])))
        refused = [one for one in sent if isinstance(one, Draft)]
        return [*(one for one in sent if isinstance(one, SendResult)), *pool.map(self._send_one, refused)]

    def _send_group(self, drafts: Sequence[Draft]) -> Sequence[SendResult | Draft]:
        """Sends a group by one call. Returns the drafts as they are where the call was refused: each is then sent alone."""
        if len(drafts) == 1:
            return [self._send_one(drafts[0])]
        try:
            sent = self._channels.send_together([*map(self._mail, drafts)])
        except NotSent as error:
            if error.status == "failed":  # nothing was sent, and one mail may be to blame
                return drafts
            return [SendResult(draft, error.status, error.reason) for draft in drafts]
        except Exception as error:
            return [_in_doubt(draft, error) for draft in drafts]
        return [_result(draft, told) for draft, told in zip(drafts, sent, strict=True)]

    def _send_one(self, draft: Draft) -> SendResult:
        try:
            return _result(draft, self._channels.send(*self._mail(draft)))
        except NotSent as error:
            return _result(draft, error)
        except Exception as error:
            return _in_doubt(draft, error)

    def _mail(self, draft: Draft) -> Mail:
        item, employer = draft.item, self._employers.get(draft.item.employer_id)
        to_candidate = item.audience == "candidate" and item.application_id is not None
        answered = to_candidate and employer is not None and employer.sender.inbox
        if not answered:
            return Mail(draft.message, messages.tags(item), employer)
        from chalicelib.messaging.reply_addresses import thread_of  # late: most deployments take no mail in

        return Mail(draft.message, messages.tags(item), employer, thread_of(item.employer_id, item.application_id or ""))


def _result(draft: Draft, told: str | NotSent) -> SendResult:
    if isinstance(told, NotSent):
        return SendResult(draft, told.status, told.reason)
    return SendResult(draft, "sent", provider_message_id=told)


def _in_doubt(draft: Draft, error: Exception) -> SendResult:
    log.exception("a send failed without saying whether the message went out")
    return SendResult(draft, "unknown", type(error).__name__)


def _unsent(draft: Draft, held: Held) -> SendResult:
    return SendResult(draft, "retrying" if held.later else "suppressed", held.reason, tried=False)
