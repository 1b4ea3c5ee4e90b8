import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** Takes the right to write and gives it back, having written nothing. @throws DatabaseError */
export async function checkWritable(db: Database): Promise<void> {
  await db.transaction().execute((transaction) => sql`select 1`.execute(transaction));
}
