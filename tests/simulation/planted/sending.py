"""In the way of a reminder: due, claimed, checked, sent, settled; and in the writes that it stands on."""

from __future__ import annotations

from tests.simulation.planted.bug import Bug

BUGS: tuple[Bug, ...] = (
    Bug(
        "the SDK's retry left on",
        "A lost answer of the provider is a second text.",
        "chalicelib.wiring",
        'retries={"total_max_attempts": 1}',
        'retries={"total_max_attempts": 3}',
    ),
    Bug(
        "claim without a token",
        "Whoever is late settles what another has claimed.",
        "chalicelib.messaging.claims",
        'return (MessageItem.status == "sending") & (MessageItem.claim == token)',
        "return MessageItem.id.exists()",
    ),
    Bug(
        "claim without the version",
        "Word that was given between reading and claiming does not stop the nudge.",
        "chalicelib.messaging.nudges",
        "return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version,\n                 [",
        "return Write(ApplicationItem(*item.key), ApplicationItem.PK.exists(),\n                 [",
    ),
    Bug(
        "retry without the version",
        "Word that was given since the first attempt does not stop the second.",
        "chalicelib.messaging.nudges",
        "    return Write(ApplicationItem(*item.key), ApplicationItem.version == item.version)\n",
        "    return Write(ApplicationItem(*item.key), ApplicationItem.PK.exists())\n",
    ),
    Bug(
        "the index trusted without a re-read",
        "What the index still shows as due is sent though the step was taken.",
        "chalicelib.messaging.nudges",
        "if item.step is None or item.due_at is None or item.due_at > stored_instant(case.now):",
        "if item.step is None:",
        also=(("    if step.planned_at > case.now:\n", "    if False:\n"),),
    ),
    Bug(
        "unknown sent again",
        "A lost answer is taken for a refusal.",
        "chalicelib.messaging.providers",
        'return NotSent("unknown", f"no answer: {type(error).__name__}")',
        'return NotSent("retrying", f"no answer: {type(error).__name__}")',
    ),
    Bug(
        "unknown taken for failed",
        "A message that may have been sent is shown as never sent.",
        "chalicelib.messaging.providers",
        'return NotSent("unknown", f"no answer: {type(error).__name__}")',
        'return NotSent("failed", f"no answer: {type(error).__name__}")',
    ),
    Bug(
        "any 5xx taken for a refusal",
        "An internal error after the text went out sends it again.",
        "chalicelib.messaging.providers",
        'return NotSent("failed" if 400 <= status < 500 else "unknown", text)',
        'return NotSent("failed" if 400 <= status < 500 else "retrying", text)',
    ),
    Bug(
        "a message's id drawn, not derived",
        "The same step makes two messages when its wait is opened again.",
        "chalicelib.messaging.messages",
        'message_id = ids.derived_id("msg", tail_of, tail_of, *parts)',
        'message_id = ids.derived_id("msg", tail_of, tail_of, *parts, uuid.uuid4().hex)',
    ),
    Bug(
        "put instead of create",
        "A message that exists is borne again over the old one.",
        "chalicelib.messaging.plans",
        "            transaction.create(self.item)\n            return",
        "            transaction.put(self.item)\n            return",
    ),
    Bug(
        "save() instead of update()",
        "The sender writes the whole application as it read it, and a contact logged meanwhile is undone.",
        "chalicelib.messaging.plans",
        "            transaction.update(self.item, self.actions, self.condition)",
        "            from chalicelib import table\n"
        "            whole = table.get(*self.item.key) if self.item.kind == 'APP' else None\n"
        "            if whole is None:\n"
        "                transaction.update(self.item, self.actions, self.condition)\n"
        "                return\n"
        "            read = {a.values[0].attribute.attr_name for a in self.actions}\n"
        "            whole.step, whole.due_at, whole.due_shard = None, None, None\n"
        "            transaction.put(whole)",
    ),
    Bug(
        "no claim item",
        "When the worker dies its messages are being sent for ever.",
        "chalicelib.messaging.claims",
        "    if item is not None:\n        transaction.create(item)\n    for plan",
        "    for plan",
    ),
    Bug(
        "buried too early",
        "A claim is given up while its worker may still be sending.",
        "chalicelib.messaging.messages",
        "CLAIM_LASTS = timedelta(minutes=15)",
        "CLAIM_LASTS = timedelta(seconds=2)",
    ),
    Bug(
        "buried into retrying",
        "What a dead worker may have sent is sent again.",
        "chalicelib.messaging.claims",
        'MessageItem.status.set("unknown"), MessageItem.settled_at.set(now),\n'
        '                MessageItem.reason.set("the worker stopped while sending")], _held(item.token))',
        'MessageItem.status.set("retrying"), MessageItem.due_shard.set(ids.due_shard(key[1])),\n'
        "                MessageItem.due_at.set(stored_instant(now))], _held(item.token))",
    ),
    Bug(
        "an ambiguous claim believed won",
        "A claim whose answer was lost is sent, though it may never have been made.",
        "chalicelib.messaging.claims",
        "            if item is not None and table.get(*item.key) is not None:\n                return Claim(item, left)",
        "            if item is not None:\n                return Claim(item, left)",
    ),
    Bug(
        "a lost member is sent all the same",
        "Who was told between reading and claiming still gets the nudge.",
        "chalicelib.messaging.claims",
        "            left = list(_kept(left, set(lost.failed)))",
        "            return Claim(item, left)",
    ),
    Bug(
        "settled without the claim's end",
        "Claims pile up, and each is buried once more.",
        "chalicelib.messaging.claims",
        "    transaction.delete(ClaimItem(*item.key))\n    transaction.commit()\n",
        "    transaction.commit()\n",
    ),
    Bug(
        "settled as sent whatever was said",
        "A refused text is shown as sent.",
        "chalicelib.jobs.worker",
        "            return Fate(draft, error.fate, error.reason)",
        '            return Fate(draft, "sent", error.reason)',
    ),
    Bug(
        "the settle tried once",
        "A moment's throttling makes a sent message unknown.",
        "chalicelib.messaging.claims",
        "SETTLE_TRIES = 4",
        "SETTLE_TRIES = 1",
    ),
    Bug(
        "sent before the claim",
        "Two workers send before either knows of the other.",
        "chalicelib.jobs.worker",
        "            claimed = claims.claim(pack, self.clock())\n",
        "            for plan in pack:\n"
        "                list(pool.map(self._send_one, plan.drafts))\n"
        "            claimed = claims.claim(pack, self.clock())\n",
    ),
    Bug(
        "opt-outs never asked",
        "STOP stops nothing.",
        "chalicelib.messaging.pre_send",
        "            known = _standing(drafts)\n",
        "            known = Standing(frozenset(), frozenset())\n",
    ),
    Bug(
        "opt-outs of the channel only",
        "STOP at the number does not end the mails.",
        "chalicelib.messaging.pre_send",
        "for address in (_address(draft), *draft.people)}",
        "for address in (_address(draft),)}",
    ),
    Bug(
        "opt-outs read eventually",
        "STOP said a second ago is not yet seen.",
        "chalicelib.messaging.pre_send",
        "table.get_many(keys))",
        "table.get_many(keys, consistent=False))",
    ),
    Bug(
        "opt-outs unreadable, so sent",
        "When the table is slow, people who said STOP are written to.",
        "chalicelib.messaging.pre_send",
        '            return {draft.item.id: _later(draft, "opt-outs could not be read") for draft in drafts}',
        "            known = Standing(frozenset(), frozenset())",
    ),
    Bug(
        "the retry not asked for the window and the wait",
        "A refused nudge goes out an hour later although word was given.",
        "chalicelib.messaging.nudges",
        "    if wait is None or (wait.cause, wait.word_due_at) != (item.cause, item.word_due_at):",
        "    if wait is None:",
    ),
    Bug(
        "the retry counted by nobody",
        "Two workers may claim the same retry.",
        "chalicelib.messaging.plans",
        'return (MessageItem.status == "retrying") & (MessageItem.attempts == item.attempts)',
        "return MessageItem.id.exists()",
    ),
    Bug(
        "a retry that leaves the due index",
        "What was refused for a moment is never tried again.",
        "chalicelib.messaging.claims",
        "MessageItem.due_shard.set(ids.due_shard(item.id)), MessageItem.due_at.set(stored_instant(at))]",
        "]",
    ),
    Bug(
        "stale nudges sent",
        "After an outage of five days people are asked about last week.",
        "chalicelib.messaging.nudges",
        'if case.wait is not None and item.step != "lapse" and item.not_after is not None and case.now >= item.not_after:',
        "if False:",
    ),
    Bug(
        "the next step passes over a due one",
        "A write after an outage makes a due reminder vanish unlisted.",
        "chalicelib.applications.aggregate",
        "if self._step_is_stale() and not self._step_stays_due(now):",
        "if self._step_is_stale():",
    ),
    Bug(
        "the window looked at when planned only",
        "A tick at night sends at night.",
        "chalicelib.messaging.nudges",
        "    if opening > case.now:\n",
        "    if False:\n",
    ),
    Bug(
        "the next step forgotten",
        "The first nudge is also the last: nothing stands in the due index any more.",
        "chalicelib.messaging.nudges",
        "actions = [*_step_actions(case, case.next_step(sent)),",
        "actions = [*_step_actions(case, None),",
    ),
    Bug(
        "nudges sent not counted",
        "A wait that is opened again starts with its first nudge once more.",
        "chalicelib.messaging.nudges",
        "ApplicationItem.nudges.set({**case.item.nudges, _cause(case): sent})",
        "ApplicationItem.nudges.set(case.item.nudges)",
    ),
    Bug(
        "a token by the items, not by the writing",
        "A second change of the same items within ten minutes is taken for the first one's repetition, or refused.",
        "chalicelib.storage.transaction",
        "token = str(uuid.uuid4())",
        'token = str(uuid.uuid5(uuid.NAMESPACE_OID, "".join(sorted(pk + sk for pk, sk in self.keys))))',
    ),
    Bug(
        "an unknown write tried again",
        "A contact whose answer was lost is logged twice, and its wait counted twice.",
        "chalicelib.storage.transaction",
        "and find None\n            raise WriteUnknown from error\n",
        "and find None\n            return\n",
    ),
    Bug(
        "an application without its version",
        "Two writes at once: the later one folds without the facts of the earlier.",
        "chalicelib.applications.aggregate",
        'transaction.update(application, actions, ApplicationItem.version == before["version"])',
        "transaction.update(application, actions)",
    ),
    Bug(
        "the tally in a write of its own",
        "A crash between the two leaves the tally wrong for good.",
        "chalicelib.applications.candidates.service",
        "        tallies.add(self.transaction, self.employer.id, self.difference)\n",
        "",
        also=(
            (
                "arrivals)\n        self.transaction.commit()\n",
                "arrivals)\n        self.transaction.commit()\n"
                "        alone = Transaction()\n"
                "        tallies.add(alone, self.employer.id, self.difference)\n"
                "        alone.commit()\n",
            ),
        ),
    ),
    Bug(
        "a case read eventually",
        "A client's write folds an old state of the case.",
        "chalicelib.storage.table",
        "def query(pk: str, prefix: str | None = None, *, consistent: bool = True)",
        "def query(pk: str, prefix: str | None = None, *, consistent: bool = False)",
    ),
    Bug(
        "the queue trusted",
        "A step leaves the index when it is queued; a lost record is a lost reminder.",
        "chalicelib.jobs.scheduler",
        '    counts = {"due": len(due), "skipped"',
        "    for pk, sk in order[depth:depth + most]:\n"
        "        transaction = table.Transaction()\n"
        "        transaction.update(Item(pk, sk), [Item.due_at.remove(), Item.due_shard.remove()])\n"
        "        transaction.commit()\n"
        '    counts = {"due": len(due), "skipped"',
    ),
    Bug(
        "an unclosed application",
        "Somebody who has withdrawn is still nudged.",
        "chalicelib.applications.aggregate",
        "            status=self.application.status,\n",
        '            status="active",\n',
    ),
    Bug(
        "an erasure that forgets what is being tried again",
        "A message without a person stays in the air for ever.",
        "chalicelib.applications.privacy.raw_items",
        '{"sending": "unknown", "retrying": "cancelled"}',
        '{"sending": "unknown"}',
    ),
    Bug(
        "an erasure that does not see what is being sent",
        "Its sender writes the provider's id back into the record of somebody who is forgotten.",
        "chalicelib.applications.privacy.raw_items",
        '{"sending": "unknown", "retrying": "cancelled"}',
        '{"retrying": "cancelled"}',
    ),
)
