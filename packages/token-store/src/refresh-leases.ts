/** The right to refresh a connection, in its row. Tables of others have the same two columns. */

import { type Kysely, type RawBuilder, sql } from "kysely";
import type { TokenStoreTables } from "./schema.ts";
import type { Connection } from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;

export const noLease = { lease_owner: null, lease_until: null };

/** A lease that would last longer was taken by a clock that was ahead, and doesn't count. */
const maxLeaseMs = 60_000;

/** A condition on a row: nobody has its lease. */
export function isLeaseFree(at: Date): RawBuilder<boolean> {
  const tooLate = new Date(at.getTime() + maxLeaseMs);
  return sql<boolean>`(lease_owner is null or lease_until <= ${at.toISOString()}
    or lease_until > ${tooLate.toISOString()})`;
}

/** See `ConnectionStore.acquireRefreshLease`. */
export async function acquireLease(
  db: Db,
  { connectionId, version }: Connection,
  { owner, until, at }: { owner: string; until: Date; at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("oauth_tokens")
    .set({ lease_owner: owner, lease_until: until.toISOString() })
    .where("connection_id", "=", connectionId)
    .where("version", "=", version)
    .where(isLeaseFree(at))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function releaseLease(db: Db, { connectionId }: Connection, owner: string): Promise<void> {
  await db
    .updateTable("oauth_tokens")
    .set(noLease)
    .where("connection_id", "=", connectionId)
    .where("lease_owner", "=", owner)
    .execute();
}
