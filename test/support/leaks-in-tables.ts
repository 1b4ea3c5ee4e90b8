import { openDatabase } from "@cita/database";
import type { Test } from "tap";
import { readAllTables } from "./list-tables.ts";
import type { Leak, Secrets } from "./secrets.ts";

/** Those that stand in the rows of a database. */
export async function findLeaksInTables(secrets: Secrets, url: string): Promise<Leak[]> {
  const db = openDatabase(url);
  try {
    const tables = await readAllTables(db);
    return Object.entries(tables).flatMap(([name, rows]) => secrets.findIn(name, JSON.stringify(rows)));
  } finally {
    await db.destroy();
  }
}

/** As `refuseLeaks` does with files. */
export function refuseLeaksInTables(
  t: Pick<Test, "teardown">,
  secrets: Secrets,
  urls: readonly string[],
): void {
  t.teardown(async () => {
    for (const url of urls) {
      const leaks = await findLeaksInTables(secrets, url);
      if (leaks.length > 0) throw new Error(`Secrets stand in the clear: ${JSON.stringify(leaks)}`);
    }
  });
}
