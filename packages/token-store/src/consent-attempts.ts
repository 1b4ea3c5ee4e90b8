import type { Kysely } from "kysely";
import { hashSecret } from "./hash-secret.ts";
import type { TokenStoreTables } from "./schema.ts";
import type { ConsentLink, ConsentOutcome, LastAttempt } from "./token-store.ts";

/** As long as a state counts: a browser that comes back later starts again. */
const attemptLifetimeMs = 3_600_000;

/**
 * For each link, of its attempts without a return, and of those with one: opening a link over and over
 * doesn't fill the disk.
 */
const maxAttemptsKept = 20;

/** `db` is a transaction. */
export async function insertAttempt(
  db: Kysely<TokenStoreTables>,
  linkId: number,
  state: string,
  at: Date,
): Promise<void> {
  const row = { link_id: linkId, state_hash: hashSecret(state), started_at: at.toISOString() };
  await db
    .insertInto("consent_attempts")
    .values({ ...row, returned_at: null, outcome: null, account_email: null })
    .execute();
  for (const operator of ["is", "is not"] as const) {
    await db
      .deleteFrom("consent_attempts")
      .where("link_id", "=", linkId)
      .where("returned_at", operator, null)
      .where("id", "not in", (query) =>
        query
          .selectFrom("consent_attempts")
          .select("id")
          .where("link_id", "=", linkId)
          .where("returned_at", operator, null)
          .orderBy("id", "desc")
          .limit(maxAttemptsKept),
      )
      .execute();
  }
}

/** @returns the attempt, for whoever asks first, while its state counts. */
export async function claimAttempt(
  db: Kysely<TokenStoreTables>,
  state: string,
  at: Date,
): Promise<{ id: number; link_id: number } | undefined> {
  const offset = (ms: number) => new Date(at.getTime() + ms).toISOString();
  return (
    db
      .updateTable("consent_attempts")
      .set({ returned_at: at.toISOString() })
      .where("state_hash", "=", hashSecret(state))
      .where("returned_at", "is", null)
      .where("started_at", ">", offset(-attemptLifetimeMs))
      // One that begins later still was begun when the clock was ahead, and would count for too long.
      .where("started_at", "<=", offset(attemptLifetimeMs))
      .returning(["id", "link_id"])
      .executeTakeFirst()
  );
}

export async function findLinkId(db: Kysely<TokenStoreTables>, state: string): Promise<number | undefined> {
  const attempt = await db
    .selectFrom("consent_attempts")
    .select("link_id")
    .where("state_hash", "=", hashSecret(state))
    .executeTakeFirst();
  return attempt?.link_id;
}

/** `db` may be a transaction. */
export async function recordOutcome(
  db: Kysely<TokenStoreTables>,
  attemptId: number,
  outcome: ConsentOutcome,
  accountEmail: string | null,
): Promise<void> {
  await db
    .updateTable("consent_attempts")
    .set({ outcome, account_email: accountEmail })
    .where("id", "=", attemptId)
    .execute();
}

export async function findLastAttempt(
  db: Kysely<TokenStoreTables>,
  { id }: Pick<ConsentLink, "id">,
): Promise<LastAttempt | null> {
  const row = await db
    .selectFrom("consent_attempts")
    .select(["outcome", "returned_at", "account_email"])
    .where("link_id", "=", id)
    .where("outcome", "is not", null)
    .orderBy("returned_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row?.returned_at == null) return null;
  return {
    outcome: row.outcome as ConsentOutcome,
    at: new Date(row.returned_at),
    accountEmail: row.account_email,
  };
}
