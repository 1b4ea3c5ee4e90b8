import t from "tap";
import { findScans } from "./support/query-plans/judge-plans.ts";
import { readPlans } from "./support/query-plans/read-plans.ts";

// The proof asks the same of PostgreSQL, and of 100,000 customers.
t.test("an index leads each query to its rows (sqlite)", async (t) => {
  // Without statistics SQLite plans the same for any number of rows.
  const queries = await readPlans(t, "sqlite", { customers: 250 });
  t.ok(queries.length > 100, `${queries.length} queries`);
  t.strictSame(findScans(queries), []);
});
