import { migrate, migrationState, nameDatabase, openDatabase } from "@cita/database";
import type { ServiceDatabase } from "./service-databases.ts";

/** Does what each service does at its start. Several may run it at once, while services run. @throws DatabaseError */
export async function migrateAll(databases: readonly ServiceDatabase[]): Promise<number> {
  for (const { name, url, owners } of databases) {
    const db = openDatabase(url, { service: name });
    try {
      const states = await Promise.all(owners.map((owner) => migrationState(db, owner)));
      for (const owner of owners) await migrate(db, owner);
      const pending = states.flatMap((state) => state.pending).length;
      const text = pending === 0 ? "is up to date" : `was brought up to date (${pending} migrations)`;
      process.stdout.write(`${name}: the ${nameDatabase(url, { service: name })} ${text}.\n`);
    } finally {
      await db.destroy();
    }
  }
  return 0;
}
