import pg from "pg";
import type { PlannedQuery, PlanRecorder, TableRead } from "./plan.ts";

export type PostgresPlanOptions = {
  /**
   * Whether the planner may read whole tables where it thinks that this is faster. Of small tables it mostly is, and what
   * it would do with a large one isn't seen then. Default: false.
   */
  readonly mayReadTables: boolean;
};

type Query = (text: string, values?: unknown[]) => Promise<pg.QueryResult>;

/**
 * Has PostgreSQL run each query of this process once more before it is run, in a transaction or savepoint that is rolled
 * back, and say what it read.
 */
export function recordPostgresPlans({ mayReadTables }: PostgresPlanOptions): PlanRecorder {
  const original = pg.Client.prototype.query;
  const queries = new Map<string, PlannedQuery>();
  const inTransaction = new WeakSet<pg.Client>();

  async function explain(query: Query, text: string, values: unknown[], isInside: boolean): Promise<void> {
    await query(isInside ? "savepoint plan" : "begin");
    try {
      if (!mayReadTables) await query("set local enable_seqscan = off");
      const { rows } = await query(`explain (analyze, buffers, format json) ${text}`, values);
      const [{ Plan: plan }] = JSON.parse(rows[0]["QUERY PLAN"]) as [{ Plan: PlanNode }];
      note(queries, text, plan);
    } catch {
      // The service meets the same error, such as a unique key that is taken, and is the one to deal with it.
    }
    await query(isInside ? "rollback to savepoint plan" : "rollback");
    if (isInside) await query("release savepoint plan");
  }

  return {
    start() {
      pg.Client.prototype.query = async function (this: pg.Client, ...args: [string | pg.QueryConfig]) {
        const query = original.bind(this) as unknown as Query;
        const { text, values = [] } = readStatement(args);
        const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase();
        if (verb === "begin" || verb === "start") inTransaction.add(this);
        if (verb === "commit" || verb === "rollback") inTransaction.delete(this);
        if (verb !== undefined && ["select", "insert", "update", "delete", "with"].includes(verb)) {
          await explain(query, text, values, inTransaction.has(this));
        }
        return Reflect.apply(original, this, args);
      } as unknown as typeof original;
    },
    stop() {
      pg.Client.prototype.query = original;
      return [...queries.values()];
    },
  };
}

/** A statement is given as a text and its values, or as an object that may name it. */
function readStatement([statement, values]: [string | pg.QueryConfig, unknown[]?]): pg.QueryConfig {
  return typeof statement === "string" ? { text: statement, ...(values && { values }) } : statement;
}

/** @see https://www.postgresql.org/docs/current/sql-explain.html */
type PlanNode = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  "Shared Hit Blocks"?: number;
  "Shared Read Blocks"?: number;
  Plans?: PlanNode[];
};

function note(queries: Map<string, PlannedQuery>, text: string, plan: PlanNode): void {
  const nodes = flatten(plan);
  const before = queries.get(text);
  const rows = nodes.reduce((sum, node) => sum + rowsRead(node), 0);
  const pages = (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
  queries.set(text, {
    text,
    reads: [...(before?.reads ?? []), ...nodes.flatMap(toRead)],
    rowsRead: Math.max(before?.rowsRead ?? 0, rows),
    // A write also reads where there is room for it.
    pagesRead: /^\s*select/i.test(text) ? Math.max(before?.pagesRead ?? 0, pages) : undefined,
  });
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

/** Of tables: not of the server's catalogue, and not what a bitmap says of rows that are read after it. */
function rowsRead(node: PlanNode): number {
  const table = node["Relation Name"];
  if (!node["Node Type"].endsWith("Scan") || table === undefined || table.startsWith("pg_")) return 0;
  const perLoop =
    (node["Actual Rows"] ?? 0) +
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0);
  return Math.round(perLoop * (node["Actual Loops"] ?? 0));
}

function toRead(node: PlanNode): TableRead[] {
  const type = node["Node Type"];
  if (type === "Seq Scan") return [{ table: node["Relation Name"] ?? "", index: undefined, isSearch: false }];
  const index = node["Index Name"];
  if (index === undefined) return [];
  const table = node["Relation Name"] ?? index;
  return [{ table, index, isSearch: node["Index Cond"] !== undefined }];
}
