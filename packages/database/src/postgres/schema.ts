import type { ClientBase } from "pg";
import { DatabaseError } from "../database.ts";
import { quoteIdentifier } from "./quote-identifier.ts";
import type { PostgresSettings } from "./url.ts";

/**
 * Creates the service's schema where it is missing, and makes it the service's own: two services in one schema would
 * change each other's tables.
 * @throws DatabaseError
 */
export async function prepareSchema(client: ClientBase, settings: PostgresSettings): Promise<void> {
  const { service, mustExist, acceptUnfinishedCopy, place, schema } = settings;
  const found = await readSchema(client, settings);
  if (found.isUnfinished && !acceptUnfinishedCopy) {
    const text = `The schema ${schema} of the ${place} holds a copy that isn't complete: repeat npm run db -- copy until it says that it is.`;
    throw new DatabaseError("POSTGRES_COPY_UNFINISHED", text);
  }
  if (!found.exists && mustExist) {
    const text = `The ${place} has no schema ${schema} yet: the service makes it when it starts.`;
    throw new DatabaseError("POSTGRES_NO_SCHEMA", text);
  }
  if (!found.exists || (!found.isMarked && service !== undefined && !mustExist)) {
    await inTurn(client, async () => {
      const now = await readSchema(client, settings);
      // Not `if not exists`: it asks for the right to create before it looks.
      if (!now.exists) await client.query(`create schema ${quoteIdentifier(schema)}`);
      if (!now.isMarked && service !== undefined) await mark(client, schema, service);
    });
  }
  if (service !== undefined && (found.isMarked || !mustExist)) await refuseOther(client, settings, service);
}

/** The name of a table in which a copy keeps its progress until it is complete. */
export const unfinishedCopy = "unfinished_copy";

type FoundSchema = { readonly exists: boolean; readonly isMarked: boolean; readonly isUnfinished: boolean };

const markTable = (schema: string) => `${quoteIdentifier(schema)}.service`;

/** Read from the catalog's rows: `to_regclass` and the like may answer from a cache that is older than another's commit. */
async function readSchema(client: ClientBase, { schema }: PostgresSettings): Promise<FoundSchema> {
  const { rows } = await client.query<{ table: string | null }>(
    `select c.relname as table
      from pg_namespace n left join pg_class c on c.relnamespace = n.oid and c.relname in ('service', $2)
      where n.nspname = $1`,
    [schema, unfinishedCopy],
  );
  const has = (name: string) => rows.some(({ table }) => table === name);
  return { exists: rows.length > 0, isMarked: has("service"), isUnfinished: has(unfinishedCopy) };
}

/** One process at a time, since ten that start at once would create the same. */
async function inTurn(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock(hashtextextended('cita schemas', 0))");
    await work();
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function mark(client: ClientBase, schema: string, service: string): Promise<void> {
  await client.query(`create table ${markTable(schema)} (name text primary key)`);
  await client.query(`insert into ${markTable(schema)} values ($1)`, [service]);
}

async function refuseOther(
  client: ClientBase,
  { place, schema }: PostgresSettings,
  service: string,
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`select name from ${markTable(schema)}`);
  const owner = rows[0]?.name ?? service;
  if (owner === service) return;
  throw new DatabaseError(
    "POSTGRES_SCHEMA_TAKEN",
    `The schema ${schema} of the ${place} belongs to ${owner}, not to ${service}. Give each service a schema of its own (?schema=…).`,
  );
}
