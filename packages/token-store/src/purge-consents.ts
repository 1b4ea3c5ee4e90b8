import { rowLock } from "@cita/database";
import { type Kysely, sql } from "kysely";
import type { TokenStoreTables } from "./schema.ts";
import type { LinkBatch, PurgedBatch } from "./token-store.ts";

/** When a link stopped being live. */
const deadSince = sql<string>`coalesce(link.used_at, link.revoked_at, link.expires_at)`;

/** See `ConsentLinkStore.purgeLinks`. The foreign key deletes the links' attempts. */
export async function purgeLinks(
  db: Kysely<TokenStoreTables>,
  before: Date,
  { afterId, limit }: LinkBatch,
): Promise<PurgedBatch> {
  const batch = await db
    .selectFrom("consent_links as link")
    .select((eb) => {
      const newer = eb
        .selectFrom("consent_links as newer")
        .select("newer.id")
        .whereRef("newer.customer_id", "=", "link.customer_id")
        .whereRef("newer.id", ">", "link.id");
      const isDue = eb.and([
        eb(deadSince, "<", before.toISOString()),
        eb.exists(newer),
        eb.or([eb("link.used_at", "is", null), eb.exists(newer.where("newer.used_at", "is not", null))]),
      ]);
      return ["link.id", eb.case().when(isDue).then(eb.lit(1)).else(eb.lit(0)).end().as("is_due")];
    })
    .where("link.id", ">", afterId)
    .orderBy("link.id")
    .limit(limit)
    .execute();
  const due = batch.filter(({ is_due }) => is_due === 1).map(({ id }) => id);
  if (due.length > 0) await db.deleteFrom("consent_links").where("id", "in", due).execute();
  return { removed: due.length, lastId: batch.at(-1)?.id };
}

/** See `ConsentLinkStore.purgeAttempts`. */
export async function purgeAttempts(
  db: Kysely<TokenStoreTables>,
  { startedBefore, unreturnedBefore }: { startedBefore: Date; unreturnedBefore: Date },
  limit: number,
): Promise<number> {
  const attempts = db.selectFrom("consent_attempts").select("id").orderBy("started_at").limit(limit);
  const old = attempts.where("started_at", "<", startedBefore.toISOString());
  const abandoned = attempts
    .where("returned_at", "is", null)
    .where("started_at", "<", unreturnedBefore.toISOString());
  let removed = 0;
  for (const due of [old, abandoned]) {
    const { numDeletedRows } = await db
      .with("due", () => due.modifyEnd(rowLock(db, "for update skip locked")))
      .deleteFrom("consent_attempts")
      .where("id", "in", (eb) => eb.selectFrom("due").select("id"))
      .executeTakeFirstOrThrow();
    removed += Number(numDeletedRows);
  }
  return removed;
}
