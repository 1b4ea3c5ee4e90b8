import type { Database } from "@cita/database";
import { sql } from "kysely";
import { type CopiedTable, readColumns } from "./tables.ts";

/**
 * Lets the target give ids that were never given before: above the highest one in it, and above the highest one that the
 * source has given, whose row may be gone.
 */
export async function setSequences(
  source: Database,
  trx: Database,
  tables: readonly CopiedTable[],
): Promise<void> {
  const given = await readGivenIds(source);
  for (const { name } of tables) {
    for (const column of await readIdentities(trx, name)) {
      const highest = sql<{
        id: number;
      }>`select greatest(max(${sql.ref(column)}), ${given.get(name) ?? 0}) as id
        from ${sql.table(name)}`;
      const id = (await highest.execute(trx)).rows[0]?.id ?? 0;
      if (id === 0) continue;
      const sequence = sql`pg_get_serial_sequence(quote_ident(current_schema()) || '.' || quote_ident(${name}), ${column})`;
      await sql`select setval(${sequence}, ${id})`.execute(trx);
    }
  }
}

/** By table. SQLite makes the table that they are in with the first `autoincrement`. */
async function readGivenIds(source: Database): Promise<ReadonlyMap<string, number>> {
  if ((await readColumns(source, "sqlite_sequence")).length === 0) return new Map();
  const { rows } = await sql<{ name: string; seq: number }>`select name, seq from sqlite_sequence`.execute(
    source,
  );
  return new Map(rows.map(({ name, seq }) => [name, seq]));
}

async function readIdentities(target: Database, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select column_name as name from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} and is_identity = 'YES'`.execute(target);
  return rows.map(({ name }) => name);
}
