"""In what texts may cost a month, and in how often a person is written to."""

from __future__ import annotations

from tests.simulation.planted.bug import Bug

BUGS: tuple[Bug, ...] = (
    Bug(
        "the cap asked, not reserved",
        "Two workers each find room under the cap, and both fill it.",
        "chalicelib.storage.sms_spend",
        "            _add(key, texts * price, SpendItem.reserved.does_not_exist() | room if texts * price <= most else room)\n",
        "            known = table.get(*key)\n"
        "            if texts * price + (int(known.reserved) if known else 0) > most:\n"
        "                raise ConditionLost([key])\n"
        "            _add(key, texts * price, None)\n",
    ),
    Bug(
        "a block held that was not granted",
        "A worker sends as many texts as it asked money for.",
        "chalicelib.messaging.sms_budget",
        "                self._held[key] += spend_table.reserve(key, block, self.micro, most)\n",
        "                spend_table.reserve(key, block, self.micro, most)\n                self._held[key] += block\n",
    ),
    Bug(
        "a block given back whole",
        "What was spent is given back too, and spent again.",
        "chalicelib.messaging.sms_budget",
        "            self._held[key] -= len(granted)\n",
        "",
    ),
    Bug(
        "an unknown text costs nothing",
        "The provider bills what the month's cap has forgotten.",
        "chalicelib.messaging.pre_send",
        'if fate.tried and fate.status in ("retrying", "failed"):',
        'if fate.tried and fate.status in ("retrying", "failed", "unknown"):',
    ),
    Bug(
        "a refused text is paid for",
        "A day of refusals uses up the month.",
        "chalicelib.messaging.pre_send",
        'if fate.tried and fate.status in ("retrying", "failed"):',
        'if fate.tried and fate.status in ("failed",):',
    ),
    Bug(
        "blocks never given back",
        "What a worker reserved and did not need is lost to the month.",
        "chalicelib.jobs.worker",
        "    purse.give_back()\n",
        "",
    ),
    Bug(
        "a person's messages never counted",
        "Whoever applies everywhere is written to by everybody.",
        "chalicelib.messaging.frequency_cap",
        "(draft.counted or not standing.shared.isdisjoint(draft.people))",
        "draft.counted",
    ),
    Bug(
        "patience noted without a condition",
        "Two workers note a message each, and one note is lost.",
        "chalicelib.storage.recipients",
        "same = OptOutItem.written.does_not_exist() if old is None else OptOutItem.written == old",
        "same = None",
    ),
    Bug(
        "the first application forgotten",
        "What was sent while nobody else knew the person counts for nothing.",
        "chalicelib.messaging.frequency_cap",
        ' | about["sent"] | about["unknown"]\n',
        "\n",
    ),
    Bug(
        "given back whatever happened since",
        "A request that arrives half an hour late gives back a second time what was given back already.",
        "chalicelib.storage.sms_spend",
        "SpendItem.rev == known.rev",
        "SpendItem.rev.exists()",
    ),
    Bug(
        "patience noted at the address only",
        "Three texts and three mails to the same person.",
        "chalicelib.messaging.frequency_cap",
        "for address in draft.people}\n    keys = list(addresses)\n",
        "for address in draft.people}\n    keys = [optouts.key_of(draft.message.channel, draft.message.to)]\n",
    ),
    Bug(
        "a week of three days",
        "Six messages a week.",
        "chalicelib.messaging.frequency_cap",
        "WITHIN = timedelta(days=7)",
        "WITHIN = timedelta(days=3)",
    ),
)
