import { migrationSets as adminTables } from "../../../apps/admin-api/src/migrations.ts";
import { migrationSets as calendarTables } from "../../../apps/mcp-calendar/src/storage/migrations.ts";
import type { PlannedQuery, TableRead } from "./plan.ts";

/** A row an instance or a service, a key a month, and tickets that live for a minute. */
const boundedTables = ["instances", "event_log", "event_cursor", "signing_keys", "stream_tickets"];

const growingTables = new Set(
  [...calendarTables, ...adminTables]
    .flatMap(({ tables }) => Object.keys(tables))
    .filter((table) => !boundedTables.includes(table)),
);

/** Indexes of what is under way: however many customers there are, few rows are in them. */
const indexesOfWorkUnderWay = [
  ...["unsettled", "moves", "to_invite", "being_cancelled"].map((name) => `bookings_${name}`),
  "customers_leaving",
  "notices_unsent",
];

/** Queries that may read more the more customers there are, or all of a table up to a limit: why, and how they are known. */
const exceptions: readonly { readonly why: string; readonly pattern: RegExp }[] = [
  {
    why: "at the start, what is sealed with each key is counted by an index",
    pattern: /count\(\*\) .*group by "key_fingerprint"/,
  },
  {
    why: "whether there is any row: the first one ends it",
    pattern: /exists \(select 1 from oauth_tokens\) or exists/,
  },
  {
    why: "the newest events of all customers: a page ends it",
    pattern: /from "events" where "kind" in \([^)]*\) order by "id" desc limit/,
  },
  {
    why: "the overview counts the customers by their states, in an index of nothing else: 100,000 in 15 ms",
    pattern: /count\(\*\) as "count" from "customer_states" group by "status", "calendar_state"/,
  },
  {
    why: "a part of a name or address is looked for among an operator's own people",
    pattern: /from "users" where "email" > .* like /,
  },
  {
    why: "a part of a name is looked for in all names",
    pattern: /from "customers" as "found" .*(?:instr|strpos)\(/,
  },
];

const isException = ({ text }: PlannedQuery) =>
  exceptions.some(({ pattern }) => pattern.test(text.replaceAll(/\s+/g, " ")));

/** @returns the queries that no index leads to their rows, with the tables that they read. */
export function findScans(queries: readonly PlannedQuery[]): string[] {
  return queries.flatMap((query) => {
    const scanned = query.reads.filter((read) => !isException(query) && isScan(read));
    const tables = new Set(scanned.map(({ table, index }) => `${table} (${index ?? "no index"})`));
    return tables.size === 0 ? [] : [`${[...tables].join(", ")}: ${query.text}`];
  });
}

function isScan({ table, index, isSearch }: TableRead): boolean {
  return !isSearch && growingTables.has(table) && !indexesOfWorkUnderWay.includes(index ?? "");
}

/** A page of a list is found by ever more ways, and an index gets higher. What grows with customers passes one of them. */
const tolerance = { rows: 100, pages: 60, pagesOfRow: 3 };

/** @returns the queries that read more with many customers than with few. */
export function findGrowth(few: readonly PlannedQuery[], many: readonly PlannedQuery[]): string[] {
  const withFew = new Map(few.map((query) => [nameOf(query), query]));
  return many.flatMap((query) => {
    const before = withFew.get(nameOf(query));
    const more = (key: "rowsRead" | "pagesRead") => (query[key] ?? 0) - (before?.[key] ?? 0);
    const pages = tolerance.pages + tolerance.pagesOfRow * (query.rowsRead ?? 0);
    const isMore = more("rowsRead") > tolerance.rows || more("pagesRead") > pages;
    if (!isMore || isException(query)) return [];
    return [
      `${before?.rowsRead} to ${query.rowsRead} rows, ${before?.pagesRead} to ${query.pagesRead} pages: ${query.text}`,
    ];
  });
}

/** The schema of a test has a name of its own. */
function nameOf({ text }: PlannedQuery): string {
  return text.replaceAll(/"test_\w+"/g, "schema");
}
