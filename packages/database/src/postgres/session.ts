import type { ClientBase } from "pg";
import { DatabaseError } from "../database.ts";
import { quoteIdentifier } from "./quote-identifier.ts";
import type { PostgresSettings } from "./url.ts";

/** The oldest that is tested. */
const oldestVersion = 15;

/**
 * After this the server ends a transaction whose process has stopped in its midst, frozen or without a network, which
 * would keep its locks from all others.
 */
const idleTransactionMs = 10_000;

/**
 * Sets up a new connection, and refuses a server that can't keep the contract. Parameters are set by a query, since not
 * every proxy passes those of the connection's start on.
 * @throws DatabaseError
 */
export async function startSession(client: ClientBase, settings: PostgresSettings): Promise<void> {
  const parameters = {
    search_path: quoteIdentifier(settings.schema),
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: idleTransactionMs,
    default_transaction_isolation: "read committed",
  };
  const names = Object.keys(parameters);
  const { rows } = await client.query<ServerState>(
    `select ${names.map((name, i) => `set_config('${name}', $${i + 1}, false)`).join(", ")},
      current_setting('server_version_num')::int4 as version,
      current_setting('synchronous_commit') as synchronous_commit,
      current_setting('server_encoding') as encoding,
      (pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool)::int4 as read_only`,
    Object.values(parameters).map(String),
  );
  const [server] = rows;
  if (server !== undefined) refuseUnfit(server, settings);
}

type ServerState = { version: number; synchronous_commit: string; encoding: string; read_only: number };

function refuseUnfit(server: ServerState, { place }: PostgresSettings): void {
  const version = Math.floor(server.version / 10_000);
  if (version < oldestVersion) {
    throw new DatabaseError(
      "POSTGRES_TOO_OLD",
      `The ${place} is of version ${version}, and ${oldestVersion} is the oldest that works. Upgrade the server.`,
    );
  }
  if (server.synchronous_commit === "off") {
    throw new DatabaseError(
      "POSTGRES_NOT_DURABLE",
      `The ${place} may lose commits when it fails: synchronous_commit is off for this user or database. Set it to on.`,
    );
  }
  if (server.encoding !== "UTF8") {
    throw new DatabaseError(
      "POSTGRES_NOT_UTF8",
      `The ${place} can't store every name: its encoding is ${server.encoding}. Make another one with: create database … encoding 'UTF8' template template0.`,
    );
  }
  if (server.read_only === 1) {
    throw new DatabaseError(
      "POSTGRES_READ_ONLY",
      `The ${place} is read-only: a replica, or set so. Name the primary server in the database URL.`,
    );
  }
}
