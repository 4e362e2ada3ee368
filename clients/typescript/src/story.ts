/**
 * A recruiter's day against a running stack: node dist/story.js <api> <email> <console>. `make client` runs it.
 * The console is that of the local stack: it shows the mails, and moves the clock.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type ChangedRecord, changesSince, dataOf, heardback, nextTokens, signIn, tokenOfNow } from "./index.js";

const [api = "", email = "", console_ = ""] = process.argv.slice(2);
const mirror = new Map<string, string[]>();
let requests = 0;

/** A `fetch` that counts. */
const counted: typeof fetch = (...given) => {
  requests += 1;
  return fetch(...given);
};

async function take(changed: ChangedRecord[]): Promise<void> {
  for (const one of changed) {
    if (one.deleted) mirror.delete(one.id);
    else mirror.set(one.id, [...(mirror.get(one.id) ?? []), ...one.changes]);
  }
}

async function asked<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(console_ + path, body ? { method: "POST", body: JSON.stringify(body) } : {});
  assert.equal(answer.status, 200);
  return (await answer.json()) as T;
}

// Sign in by the code of a mail.
dataOf(await heardback(api, "").POST("/v1/sign_in", { body: { email } }));
const { data: mails } = await asked<{ data: { to: string; body: string }[] }>("/outbox");
const code = mails.findLast((mail) => mail.to === email)?.body.match(/\b\d{6}\b/)?.[0];
assert.ok(code, "the mail has a code");
let tokens = await signIn(api, email, code, randomUUID());
let client = heardback(api, tokens.access_token, { fetch: counted });
assert.deepEqual(dataOf(await client.GET("/v1/me")).scopes, ["read", "write"]);

// Sync: first a token, then the lists, then what changes.
let since = await tokenOfNow(client);
const { now } = await asked<{ now: string }>("/clock");
const at = (hours: number) => new Date(Date.parse(now) + hours * 3_600_000).toISOString();
const booked = dataOf(
  await client.POST("/v1/interviews", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      stage: "final",
      start_at: at(-25),
      end_at: at(-24),
      application: { job_title: "Welder", candidate: { name: "Zoë Example", email: "zoe@example.com" } },
    },
  }),
);
since = await changesSince(client, since, take);
assert.deepEqual(mirror.get(booked.id), ["interview.booked"]);

// Find a person, log a call, see it in the feed.
const found = dataOf(await client.GET("/v1/applications", { params: { query: { q: "zoe", overdue: false } } }));
assert.equal(found.data[0]?.id, booked.application_id);
const call = { path: { application_id: booked.application_id } };
const tried = dataOf(
  await client.POST("/v1/applications/{application_id}/contacts", {
    params: { ...call, header: { "Idempotency-Key": randomUUID() } },
    body: { channel: "call", outcome: "voicemail" },
  }),
);
since = await changesSince(client, since, take);
assert.deepEqual(mirror.get(tried.id), ["contact.recorded"]);

// Offline for a day: the access token is over, and the wait became overdue by the clock alone.
await asked("/clock", { now: at(26) });
requests = 0;
tokens = await nextTokens(api, tokens.refresh_token, randomUUID(), { fetch: counted });
client = heardback(api, tokens.access_token, { fetch: counted });
since = await changesSince(client, since, take);
const caughtUp = requests;
assert.ok(caughtUp <= 3, `${caughtUp} requests after a day offline`);
assert.ok(mirror.get(booked.application_id)?.includes("application.overdue"));

const told = dataOf(
  await client.POST("/v1/applications/{application_id}/contacts", {
    params: { ...call, header: { "Idempotency-Key": randomUUID() } },
    body: { channel: "call", outcome: "reached", decision: "rejected", thanked: true },
  }),
);
assert.equal(told.recorded_by?.name, "Dana Reyes");
await changesSince(client, since, take);
assert.deepEqual(mirror.get(told.id), ["contact.recorded"]);
console.log(`TypeScript: ${mirror.size} records mirrored, ${caughtUp} requests after a day offline, the call is in the feed`);
