import { isPostgresUrl, openDatabase } from "@cita/database";
import { sql } from "kysely";
import { listTables } from "../list-tables.ts";
import { addAdminCustomers, addCalendarCustomers } from "../quiet-customers.ts";
import { serviceKey, type World } from "../world.ts";

/** Adds customers whom nobody asks about beside luna, who must be connected and have a schedule, in both services. */
export async function addQuietCustomers(world: World, customers: number): Promise<void> {
  const { databases, now } = world;
  await addCalendarCustomers(databases.mcp, { customers, like: "luna", now: now() });
  await addAdminCustomers(databases.admin, { customers, now: now(), cursor: await readEventCursor(world) });
}

/** Of now. */
async function readEventCursor({ managementUrl }: World): Promise<string> {
  const response = await fetch(`${managementUrl}/internal/events`, {
    headers: { authorization: `Bearer ${serviceKey}` },
  });
  return ((await response.json()) as { cursor: string }).cursor;
}

/** The check that no secret is in PostgreSQL's tables reads all rows at once, and these are too many. */
export async function removeAllCustomers(world: World): Promise<void> {
  for (const url of Object.values(world.databases).filter(isPostgresUrl)) {
    const db = openDatabase(url);
    for (const { name, columns } of await listTables(db)) {
      if (columns.includes("customer_id")) await sql`truncate ${sql.table(name)} cascade`.execute(db);
    }
    await db.destroy();
  }
}
