import type { ConnectionSummary, EventsPage } from "@cita/calendar-api";
import t from "tap";
import { openCustomerStateStore } from "../apps/admin-api/src/customer-states/customer-state-store.ts";
import { createCustomerList } from "../apps/admin-api/src/customers/customer-list.ts";
import { openCustomerStore } from "../apps/admin-api/src/customers/customer-store.ts";
import { forEachDatabase, type TestDatabase } from "./support/test-database.ts";

const at = "2027-01-18T14:00:00.000Z";
const connected: ConnectionSummary = {
  ...{ customer_id: "luna", status: "connected", provider: "google", calendar_email: null, connected_at: at },
  access_ends_at: null,
  ...{
    reconnect_required_since: null,
    reconnect_reason: null,
    reconnect_message: null,
    reconnect_link: null,
  },
  calendar_state: null,
};
const lostEvent = {
  ...{ id: 6, at, customer_id: "luna", kind: "reconnect_required" },
  data: { provider: "google", reason: "invalid_grant" },
};
const afterLoss: EventsPage = { events: [lostEvent], cursor: "6" };

/** Two processes over one database with the customer `luna`. */
async function openTwice(database: TestDatabase) {
  const open = async () => {
    const db = database.open();
    const customers = await openCustomerStore(db);
    return { customers, list: createCustomerList(db), states: await openCustomerStateStore(db) };
  };
  const [{ customers, list, states: first }, { states: second }] = [await open(), await open()];
  await customers.save({ customer_id: "luna", customer_email: "luna@example.com", customer_name: "Luna" });
  const lost = () => list.search({ scope: { kind: "all" }, limit: 10, status: "reconnect_required" });
  return { first, second, lost };
}

forEachDatabase(
  t,
  "a snapshot that another process has completed overwrites no event",
  async (t, database) => {
    const { first, second, lost } = await openTwice(database);
    const snapshots = [await first.beginSnapshot("5"), await second.beginSnapshot("5")] as const;
    t.ok(await first.replace(snapshots[0], ["luna"], [connected]));
    await first.completeSnapshot(snapshots[0]);
    await first.apply("5", afterLoss);
    t.notOk(await second.replace(snapshots[1], ["luna"], [connected]));
    t.match(await lost(), [{ customer_id: "luna" }]);
    await second.completeSnapshot(snapshots[1]);
    t.equal(await second.cursor(), "6");
  },
);

forEachDatabase(t, "events are read on from where the first of two snapshots began", async (t, database) => {
  const { first, second, lost } = await openTwice(database);
  // The summary is from before the loss, and stored after the second process has begun.
  const earlier = await first.beginSnapshot("5");
  const later = await second.beginSnapshot("6");
  await second.replace(later, ["luna"], [{ ...connected, status: "reconnect_required" }]);
  t.ok(await first.replace(earlier, ["luna"], [connected]));
  t.equal(await first.cursor(), undefined, "no snapshot is complete");
  await second.completeSnapshot(later);
  t.equal(await first.cursor(), "5");
  await first.apply("5", afterLoss);
  t.match(await lost(), [{ customer_id: "luna" }]);
});

forEachDatabase(t, "a cursor that is refused late takes away no other snapshot", async (t, database) => {
  const { first, second } = await openTwice(database);
  await first.completeSnapshot(await first.beginSnapshot("5"));
  await first.forgetCursor("5");
  await first.completeSnapshot(await first.beginSnapshot("other 1"));
  await second.forgetCursor("5");
  t.equal(await second.cursor(), "other 1");
});
