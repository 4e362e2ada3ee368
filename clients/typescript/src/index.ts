/** The Heardback API, typed by its OpenAPI document, and the change feed as a loop. */
import createClient, { type Client, type ClientOptions } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, paths };
export type Schemas = components["schemas"];
export type ChangedRecord = Schemas["ChangedRecord"];
export type Heardback = Client<paths>;

/** A problem that the API answered: `code` is for programs, `errors` names each field. */
export class HeardbackProblem extends Error {
  constructor(readonly problem: Schemas["Problem"]) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
  }
}

/** Makes a client. `token` is an API key, or a person's access token. */
export function heardback(baseUrl: string, token: string, options: ClientOptions = {}): Heardback {
  return createClient<paths>({ ...options, baseUrl, headers: { Authorization: `Bearer ${token}` } });
}

/** Returns the data of an answer. Throws HeardbackProblem for a refusal. */
export function dataOf<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new HeardbackProblem(answer.error as Schemas["Problem"]);
  return answer.data;
}

/** Signs a person in with the code of their mail. `attempt` is an Idempotency-Key: the same one where no answer came. */
export async function signIn(
  baseUrl: string,
  email: string,
  code: string,
  attempt: string,
  options: ClientOptions = {},
): Promise<Schemas["Tokens"]> {
  const params = { header: { "Idempotency-Key": attempt } };
  return dataOf(await createClient<paths>({ ...options, baseUrl }).POST("/v1/sessions", { params, body: { email, code } }));
}

/** Gets the next tokens. Store `attempt` with the refresh token before: the same one where no answer came. */
export async function nextTokens(
  baseUrl: string,
  refreshToken: string,
  attempt: string,
  options: ClientOptions = {},
): Promise<Schemas["Tokens"]> {
  const params = { header: { "Idempotency-Key": attempt } };
  const body = { refresh_token: refreshToken };
  return dataOf(await createClient<paths>({ ...options, baseUrl }).POST("/v1/sessions/refresh", { params, body }));
}

/** Returns a token of now for `changesSince`. Take it before you read the lists. */
export async function tokenOfNow(client: Heardback): Promise<string> {
  return dataOf(await client.GET("/v1/changes")).next_since;
}

/** Hands over each page of what changed since a token. Returns the next token: keep it. */
export async function changesSince(
  client: Heardback,
  since: string,
  take: (changed: ChangedRecord[]) => Promise<void>,
): Promise<string> {
  for (;;) {
    const page = dataOf(await client.GET("/v1/changes", { params: { query: { since } } }));
    await take(page.data);
    since = page.next_since;
    if (!page.has_more) return since;
  }
}
