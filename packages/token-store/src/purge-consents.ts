import { type Kysely, sql } from "kysely";
import type { TokenStoreTables } from "./schema.ts";
import type { LinkPage, PurgedPage } from "./token-store.ts";

/** When a link stopped being of use: it was used or revoked, or has run out. */
const diedAt = sql<string>`coalesce(link.used_at, link.revoked_at, link.expires_at)`;

/**
 * Looks at one page of links, in the order of their ids, and removes those that died before a date, but for
 * each customer's newest one and the one it was connected by last. Their attempts go with them.
 */
export async function purgeLinks(
  db: Kysely<TokenStoreTables>,
  before: Date,
  { afterId, limit }: LinkPage,
): Promise<PurgedPage> {
  const page = await db
    .selectFrom("consent_links as link")
    .select((eb) => {
      const newer = eb
        .selectFrom("consent_links as newer")
        .select("newer.id")
        .whereRef("newer.customer_id", "=", "link.customer_id")
        .whereRef("newer.provider", "=", "link.provider")
        .whereRef("newer.id", ">", "link.id");
      const isDue = eb.and([
        eb(diedAt, "<", before.toISOString()),
        eb.exists(newer),
        eb.or([eb("link.used_at", "is", null), eb.exists(newer.where("newer.used_at", "is not", null))]),
      ]);
      return ["link.id", eb.case().when(isDue).then(1).else(0).end().as("is_due")];
    })
    .where("link.id", ">", afterId)
    .orderBy("link.id")
    .limit(limit)
    .execute();
  const due = page.filter(({ is_due }) => is_due === 1).map(({ id }) => id);
  if (due.length > 0) await db.deleteFrom("consent_links").where("id", "in", due).execute();
  return { removed: due.length, lastId: page.at(-1)?.id };
}

/** Removes attempts that began before `startedBefore`, and attempts without a return that began before `unreturnedBefore`. */
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
      .deleteFrom("consent_attempts")
      .where("id", "in", due)
      .executeTakeFirstOrThrow();
    removed += Number(numDeletedRows);
  }
  return removed;
}
