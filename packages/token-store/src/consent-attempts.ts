import { valueList } from "@cita/database";
import { type Kysely, type Selectable, sql } from "kysely";
import { hashSecret } from "./key-ring.ts";
import type { ConsentAttemptsTable, TokenStoreTables } from "./schema.ts";
import {
  type AttemptOutcome,
  type AttemptTarget,
  type ConsentLink,
  type ConsentOutcome,
  type LastAttempt,
  type LinkOutcome,
  lateOutcomes,
} from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;

/** For each link: attempts without a callback, and as many with one. Opening a link repeatedly doesn't fill the disk. */
const maxAttemptsKept = 20;

/** Inserts an attempt with the hash of its state, and deletes the link's oldest attempts. `db` is a transaction, alone among those of the link. */
export async function insertAttempt(
  db: Db,
  linkId: number,
  state: string,
  { provider, clientId, redirectUri, at }: AttemptTarget & { at: Date },
): Promise<void> {
  const target = { provider, client_id: clientId, redirect_uri: redirectUri };
  const row = { ...target, link_id: linkId, state_hash: hashSecret(state), started_at: at.toISOString() };
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

type ReturnedAttempt = Pick<
  Selectable<ConsentAttemptsTable>,
  "id" | "link_id" | "provider" | "client_id" | "redirect_uri"
>;

/** Marks the attempt of a state as returned, in one statement, so that only one of several callers gets it. */
export async function consumeState(
  db: Db,
  state: string,
  { lifetimeMs, at }: { lifetimeMs: number; at: Date },
): Promise<ReturnedAttempt | undefined> {
  const offset = (ms: number) => new Date(at.getTime() + ms).toISOString();
  return (
    db
      .updateTable("consent_attempts")
      .set({ returned_at: at.toISOString() })
      .where("state_hash", "=", hashSecret(state))
      .where("returned_at", "is", null)
      .where("started_at", ">", offset(-lifetimeMs))
      // A later start was recorded by a clock that was ahead, and would make the state valid for too long.
      .where("started_at", "<=", offset(lifetimeMs))
      .returning(["id", "link_id", "provider", "client_id", "redirect_uri"])
      .executeTakeFirst()
  );
}

export async function findLinkId(db: Db, state: string): Promise<number | undefined> {
  const attempt = await db
    .selectFrom("consent_attempts")
    .select("link_id")
    .where("state_hash", "=", hashSecret(state))
    .executeTakeFirst();
  return attempt?.link_id;
}

/** `db` may be a transaction. @returns whether the attempt is stored. */
export async function recordOutcome(
  db: Db,
  attemptId: number,
  outcome: ConsentOutcome,
  accountEmail: string | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("consent_attempts")
    .set({ outcome, account_email: accountEmail })
    .where("id", "=", attemptId)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function findLastAttempt(db: Db, { id }: Pick<ConsentLink, "id">): Promise<LastAttempt | null> {
  const row = await db
    .selectFrom("consent_attempts")
    .select(["provider", "outcome", "returned_at", "account_email"])
    .where("link_id", "=", id)
    .where("outcome", "is not", null)
    .where("outcome", "not in", lateOutcomes)
    .orderBy("returned_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row?.returned_at == null) return null;
  return {
    provider: row.provider,
    outcome: row.outcome as LinkOutcome,
    at: new Date(row.returned_at),
    accountEmail: row.account_email,
  };
}

/** See `ConsentLinkStore.outcomes`. */
export async function findOutcomes(db: Db, linkIds: readonly number[]): Promise<AttemptOutcome[]> {
  const rows = await db
    .selectFrom("consent_attempts")
    .select(["id", "link_id", "outcome", "account_email"])
    .where(sql<boolean>`link_id in ${valueList(db, "integer", linkIds)}`)
    .where("outcome", "is not", null)
    .orderBy("id")
    .execute();
  return rows.map(({ id, link_id, outcome, account_email }) => ({
    id,
    linkId: link_id,
    outcome: outcome as ConsentOutcome,
    accountEmail: account_email,
  }));
}
