import t from "tap";
import { findScans } from "./support/query-plans/judge-plans.ts";
import { readPlans } from "./support/query-plans/read-plans.ts";

// The proof asks the same of PostgreSQL, and of 100,000 customers.
t.test("an index leads each query to its rows (sqlite)", async (t) => {
  // Without statistics SQLite plans the same for any number of rows.
  const queries = await readPlans(t, "sqlite", { customers: 250 });
  t.ok(queries.length > 100, `${queries.length} queries`);
  t.strictSame(findScans(queries), []);
  const all = /(?:select|returning) \*/;
  const ofTools = /"(?:bookings|oauth_tokens|agent_keys)"/;
  const unprepared = queries.map(({ text }) => text).filter((text) => ofTools.test(text) && all.test(text));
  t.strictSame(unprepared, [], "PostgreSQL prepares no query of a tool call that asks for all columns");
});
