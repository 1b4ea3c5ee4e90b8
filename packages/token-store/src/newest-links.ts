import { valueList } from "@cita/database";
import { type Kysely, type Selectable, sql } from "kysely";
import type { ConsentLinksTable, TokenStoreTables } from "./schema.ts";

type NewestLink = Pick<
  Selectable<ConsentLinksTable>,
  "customer_id" | "used_at" | "revoked_at" | "expires_at"
>;

/** Each customer's newest link, for lists. It reads no other link. */
export async function findNewestLinks(
  db: Kysely<TokenStoreTables>,
  customerIds: readonly string[],
): Promise<NewestLink[]> {
  if (customerIds.length === 0) return [];
  const asked = valueList(db, "text", customerIds).as("asked");
  return db
    .selectFrom("consent_links")
    .select(["customer_id", "used_at", "revoked_at", "expires_at"])
    .where("id", "in", ({ selectFrom }) =>
      selectFrom(asked).select(({ selectFrom }) =>
        selectFrom("consent_links as link")
          .select(({ fn }) => fn.max("link.id").as("newest"))
          .whereRef("link.customer_id", "=", sql.ref("asked.value"))
          .as("newest"),
      ),
    )
    .execute();
}
