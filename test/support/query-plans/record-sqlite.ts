import Sqlite from "better-sqlite3";
import type { PlannedQuery, PlanRecorder, TableRead } from "./plan.ts";

/**
 * Asks SQLite for the plan of each statement when it is prepared, so that no query of a service is missed. Statements that
 * were prepared before aren't seen: the recording begins before the services do.
 */
export function recordSqlitePlans(): PlanRecorder {
  const { prepare } = Sqlite.prototype;
  const queries = new Map<string, PlannedQuery>();
  return {
    start() {
      Sqlite.prototype.prepare = function (this: Sqlite.Database, text: string) {
        const statement = prepare.call(this, text);
        if (!queries.has(text) && /^\s*(select|insert|update|delete|with)\b/i.test(text)) {
          const explained = prepare.call(this, `explain query plan ${text}`);
          queries.set(text, {
            text,
            reads: toReads(explained, text),
            rowsRead: undefined,
            pagesRead: undefined,
          });
        }
        return statement;
      } as typeof prepare;
    },
    stop() {
      Sqlite.prototype.prepare = prepare;
      return [...queries.values()];
    },
  };
}

/** @see https://sqlite.org/eqp.html */
function toReads(explained: Sqlite.Statement, text: string): TableRead[] {
  const rows = runWithNulls(explained) as { detail: string }[];
  return rows.flatMap(({ detail }) => {
    const [, verb, name, rest = ""] = /^(SCAN|SEARCH) (\w+)(.*)$/.exec(detail) ?? [];
    const table = name && findTable(name, text);
    if (verb === undefined || table === undefined) return [];
    const index = /USING (?:COVERING )?INDEX (\S+)/.exec(rest)?.[1];
    const isKey = rest.includes("USING INTEGER PRIMARY KEY");
    return [{ table, index: isKey ? "primary key" : index, isSearch: verb === "SEARCH" }];
  });
}

/** A plan names tables by their alias. @returns undefined for what isn't a table: a sub-select, a function. */
function findTable(name: string, text: string): string | undefined {
  if (name === "CONSTANT" || name === "json_each" || name.startsWith("pragma_")) return undefined;
  const aliased = new RegExp(`(?:from|join|update|into)\\s+"?(\\w+)"?\\s+as\\s+"?${name}"?\\b`, "i").exec(
    text,
  );
  if (aliased !== null) return aliased[1];
  const isDerived = new RegExp(`\\)\\s+as\\s+"?${name}"?\\b|"?\\b${name}"?\\s+as\\s+\\(`, "i").test(text);
  return isDerived ? undefined : name;
}

/** The library wants a value for each parameter, and doesn't say how many there are. The plan doesn't depend on them. */
function runWithNulls(statement: Sqlite.Statement, parameters = 0): unknown[] {
  try {
    return statement.all(Array(parameters).fill(null));
  } catch (error) {
    if (!(error instanceof RangeError) || parameters > 1_500) throw error;
    return runWithNulls(statement, parameters + 1);
  }
}
