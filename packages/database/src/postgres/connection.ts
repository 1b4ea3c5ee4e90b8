import type { PostgresPoolClient } from "kysely";
import type { PoolClient, QueryResult } from "pg";
import { commitUnknown, explainPostgresError, isConnectionLost, noAnswer } from "./errors.ts";
import type { StatementNames } from "./statement-names.ts";
import type { PostgresSettings } from "./url.ts";
import { within } from "./within.ts";

export type ConnectionDeps = {
  readonly settings: PostgresSettings;
  readonly nameOf: StatementNames;
  /** Called when something was committed. */
  readonly onWrite: () => void;
  readonly onRelease: () => void;
};

/**
 * A connection of the pool while a query or a transaction has it: explains errors, gives up where no answer comes, notices
 * what is written, and sees that a connection that was lost isn't used again.
 */
export function createConnection(
  client: PoolClient,
  { settings, nameOf, onWrite, onRelease }: ConnectionDeps,
): PostgresPoolClient {
  let isLost = false;
  let inTransaction = false;
  let hasWritten = false;
  let limitMs = settings.statementTimeoutMs;

  // Without a listener an error of a connection that is in use would end the process.
  const onError = () => {
    isLost = true;
  };
  client.on("error", onError);

  function note(verb: string, text: string, result: QueryResult): void {
    if (verb === "begin" || verb === "start") inTransaction = true;
    else if (verb === "commit" || verb === "rollback") {
      // PostgreSQL answers ROLLBACK to the commit of a transaction in which a statement has failed.
      if (hasWritten && result.command === "COMMIT") onWrite();
      inTransaction = hasWritten = false;
      limitMs = settings.statementTimeoutMs;
    } else if (verb === "set") limitMs = readStatementTimeout(text) ?? limitMs;
    else if (isWrite(verb, result)) {
      if (inTransaction) hasWritten = true;
      else onWrite();
    }
  }

  async function query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? "";
    // The server rolls back by itself. A second error must not replace the first one.
    if (isLost && verb === "rollback" && !/^\s*rollback to/i.test(text)) return rolledBack;
    try {
      // The server's own limit ends the query before, unless nothing at all comes from there.
      const allowedMs = limitMs + settings.connectTimeoutMs;
      const answer = client.query({ name: nameOf(text), text, values: [...values] });
      const result = await within(answer, allowedMs, () => noAnswer(settings, allowedMs));
      note(verb, text, result);
      return result;
    } catch (cause) {
      const error = explainPostgresError(cause, settings);
      if (isConnectionLost(error)) isLost = true;
      throw isLost && verb === "commit" ? commitUnknown(settings, error) : error;
    }
  }

  return {
    // Kysely's type has cursors too, for streams.
    query: query as unknown as PostgresPoolClient["query"],
    release(destroy) {
      client.off("error", onError);
      onRelease();
      client.release(destroy === true || isLost || inTransaction);
    },
  };
}

const rolledBack: QueryResult = { command: "ROLLBACK", rowCount: null, oid: 0, fields: [], rows: [] };

/** An `update` that found no row has changed nothing. */
function isWrite(verb: string, { command, rowCount }: QueryResult): boolean {
  if (["select", "savepoint", "release", "show", "notify", "listen"].includes(verb)) return false;
  if (command === "SELECT") return false;
  return !["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command) || rowCount !== 0;
}

/** Migrations give themselves more time, by an SQL text: it is all that Kysely passes on. */
function readStatementTimeout(text: string): number | undefined {
  const found = /^set local statement_timeout = (\d+)$/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
