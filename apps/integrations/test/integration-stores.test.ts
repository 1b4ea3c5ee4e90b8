import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import { concurrencyTests } from "./contract-concurrency.ts";
import { connectionTests } from "./contract-connections.ts";
import { listTests } from "./contract-lists.ts";
import { renewalTests } from "./contract-renewals.ts";
import { stateAndLogTests } from "./contract-states-and-logs.ts";
import { openStores } from "./fixtures.ts";

/** What every database has to pass, written against the contracts alone. */
const contract = {
  ...connectionTests,
  ...listTests,
  ...renewalTests,
  ...stateAndLogTests,
  ...concurrencyTests,
};

for (const [name, test] of Object.entries(contract))
  forEachDatabase(t, name, async (t, database) => test(t, await openStores(database)));

forEachDatabase(t, "ten processes open an empty database at once", async (t, database) => {
  await t.resolves(Promise.all(Array.from({ length: 10 }, () => openStores(database))));
});
