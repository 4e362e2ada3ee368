/** The main job against a running stack: node dist/story.js <api> <key> <console>. `make client` runs it. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type ChangedRecord, changesSince, dataOf, heardback, tokenOfNow } from "./index.js";

const [api = "", key = "", console_ = ""] = process.argv.slice(2);
const client = heardback(api, key);
const mirror = new Map<string, string[]>();
let pages = 0;

async function take(changed: ChangedRecord[]): Promise<void> {
  pages += 1;
  for (const one of changed) {
    if (one.deleted) mirror.delete(one.id);
    else mirror.set(one.id, [...(mirror.get(one.id) ?? []), ...one.changes]);
  }
}

async function advance(hours: number): Promise<void> {
  const { now } = (await (await fetch(`${console_}/clock`)).json()) as { now: string };
  const later = new Date(Date.parse(now) + hours * 3_600_000).toISOString();
  const moved = await fetch(`${console_}/clock`, { method: "POST", body: JSON.stringify({ now: later }) });
  assert.equal(moved.status, 200);
}

const { now } = (await (await fetch(`${console_}/clock`)).json()) as { now: string };
const at = (hours: number) => new Date(Date.parse(now) + hours * 3_600_000).toISOString();
let since = await tokenOfNow(client);
const booked = dataOf(
  await client.POST("/v1/interviews", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      stage: "final",
      start_at: at(-1),
      end_at: at(1),
      application: { job_title: "Welder", candidate: { name: "Zoë Example", email: "zoe@example.com" } },
    },
  }),
);
since = await changesSince(client, since, take);
assert.deepEqual(mirror.get(booked.id), ["interview.booked"]);

await advance(51);
pages = 0;
since = await changesSince(client, since, take);
const requests = pages;
assert.ok(requests <= 3, `${requests} requests after two days away`);
assert.ok(mirror.get(booked.application_id)?.includes("application.overdue"));

const found = dataOf(await client.GET("/v1/applications", { params: { query: { q: "zoe" } } }));
assert.equal(found.data[0]?.id, booked.application_id);
const logged = dataOf(
  await client.POST("/v1/applications/{application_id}/contacts", {
    params: { path: { application_id: booked.application_id }, header: { "Idempotency-Key": randomUUID() } },
    body: { channel: "call", outcome: "reached", decision: "rejected", thanked: true },
  }),
);
await changesSince(client, since, take);
assert.deepEqual(mirror.get(logged.id), ["contact.recorded"]);
console.log(`TypeScript: ${mirror.size} records mirrored, ${requests} page(s) after two days away, the call is in the feed`);
