import t from "tap";
import { findGrowth, findScans } from "../support/query-plans/judge-plans.ts";
import { readPlans } from "../support/query-plans/read-plans.ts";

t.test(
  "PostgreSQL reads as few rows with 100,000 customers as with 250, by plans of its own choice",
  async (t) => {
    const withFew = await readPlans(t, "postgres", { customers: 250 });
    const withMany = await readPlans(t, "postgres", { customers: 100_000, mayReadTables: true });
    t.strictSame(findScans(withMany), []);
    t.strictSame(findGrowth(withFew, withMany), []);
  },
);

t.test(
  "an index leads each query to its rows, as few with many customers as with few (postgres)",
  async (t) => {
    const withFew = await readPlans(t, "postgres", { customers: 250 });
    const withMany = await readPlans(t, "postgres", { customers: 2_500 });
    t.ok(withMany.length > 100, `${withMany.length} queries`);
    t.strictSame(findScans(withMany), []);
    t.strictSame(findGrowth(withFew, withMany), []);
  },
);
