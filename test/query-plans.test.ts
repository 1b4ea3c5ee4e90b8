import t from "tap";
import { isNameable } from "../packages/database/src/postgres/statement-names.ts";
import { findScans } from "./support/query-plans/judge-plans.ts";
import { readPlans } from "./support/query-plans/read-plans.ts";

/** Those that tool calls read and write. */
const tablesOfTools = /\b(?:bookings|oauth_tokens|agent_keys|schedules)\b/;

// The proof asks the first of PostgreSQL too, and of 100,000 customers.
t.test(
  "an index leads each query to its rows, and those of tool calls can be prepared (sqlite)",
  async (t) => {
    // Without statistics SQLite plans the same for any number of rows.
    const queries = await readPlans(t, "sqlite", { customers: 250 });
    t.ok(queries.length > 100, `${queries.length} queries`);
    t.strictSame(findScans(queries), []);
    const ofTools = queries.map(({ text }) => text).filter((text) => tablesOfTools.test(text));
    t.ok(ofTools.length > 30, `${ofTools.length} of tool calls`);
    t.strictSame(
      ofTools.filter((text) => !isNameable(text)),
      [],
    );
  },
);
