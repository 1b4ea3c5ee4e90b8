import t from "tap";
import { findGrowth, findScans } from "./support/query-plans/judge-plans.ts";
import { readPlans } from "./support/query-plans/read-plans.ts";

// The proof asks the same of 100,000 customers, and lets PostgreSQL choose.
const [few, many] = [250, 2_500];

t.test("an index leads each query to its rows (sqlite)", async (t) => {
  // Without statistics SQLite plans the same for any number of rows.
  const queries = await readPlans(t, "sqlite", { customers: few });
  t.ok(queries.length > 100, `${queries.length} queries`);
  t.strictSame(findScans(queries), []);
});

t.test(
  "an index leads each query to its rows, as few with many customers as with few (postgres)",
  async (t) => {
    const withFew = await readPlans(t, "postgres", { customers: few });
    const withMany = await readPlans(t, "postgres", { customers: many });
    t.ok(withMany.length > 100, `${withMany.length} queries`);
    t.strictSame(findScans(withMany), []);
    t.strictSame(findGrowth(withFew, withMany), []);
  },
);
