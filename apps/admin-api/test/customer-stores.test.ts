import type { ConnectionSummary, EventsPage } from "@cita/calendar-api";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { openCustomerStateStore } from "../src/customer-states/customer-state-store.ts";
import { type CustomerSearch, createCustomerList } from "../src/customers/customer-list.ts";
import { CustomerTakenError, openCustomerStore } from "../src/customers/customer-store.ts";

const at = "2027-01-18T14:00:00.000Z";
const namedAfter = (customer_id: string, customer_name = customer_id) => ({
  ...{ customer_id, customer_name, customer_email: `${customer_id.toLowerCase()}@example.com` },
});

type Filter = Pick<CustomerSearch, "status" | "calendarState" | "q">;

/** The stores of two processes over one database. */
async function openTwice(database: TestDatabase) {
  const open = async () => {
    const db = database.open();
    const customers = await openCustomerStore(db, () => new Date(at));
    const states = await openCustomerStateStore(db);
    const { search } = createCustomerList(db);
    const list = (after: string | undefined, limit: number, filter: Filter = {}) =>
      search({ scope: { kind: "all" }, after, limit, ...filter });
    return { db, customers, states, list };
  };
  return { ...(await open()), other: await open() };
}

type Opened = Awaited<ReturnType<typeof openTwice>>;

const atOnce = <T>(act: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 20 }, (_, i) => act(i)));

async function idsIn({ list }: Opened, ...query: Parameters<Opened["list"]>) {
  return (await list(...query)).map(({ customer_id }) => customer_id);
}

/** A page with what makes each of these customers connected. */
const connecting = (ids: readonly string[], cursor: string): EventsPage => ({
  events: ids.map((customer_id, i) => ({
    ...{ id: i + 1, at, customer_id, kind: "connected" },
    data: { link_id: 1, provider: "google", attempt_id: 1 },
  })),
  cursor,
});

const connectedSummary = (customer_id: string): ConnectionSummary => ({
  ...{ customer_id, status: "connected", provider: "google", calendar_email: null, connected_at: at },
  ...{ access_ends_at: null, reconnect_required_since: null, reconnect_reason: null },
  ...{ reconnect_message: null, reconnect_link: null, calendar_state: null },
});

const contract: Record<string, (t: Test, opened: Opened) => Promise<void>> = {
  async "a customer is saved, corrected, found and removed"(t, { customers, other }) {
    await customers.save(namedAfter("luna"));
    await other.customers.save(namedAfter("luna", "Luna"));
    const saved = { ...namedAfter("luna", "Luna"), customer_phone: null, created_at: at };
    const pending = {
      ...{ status: "pending", statusSince: at, provider: null, lastBookedAt: null },
      ...{ calendarState: null, calendarStateSince: null },
    };
    t.strictSame(await customers.find("luna"), { ...saved, ...pending });
    await customers.save({ ...namedAfter("luna", "Luna"), customer_phone: "+573001234567" });
    // Left out, the number stays.
    await customers.save(namedAfter("luna", "Luna"));
    t.match(await customers.find("luna"), { customer_phone: "+573001234567" });
    t.equal(await customers.find("sol"), undefined);
    const luna = { customer_id: "luna", created_at: at };
    t.equal(
      await customers.remove({ ...luna, created_at: "2027-01-18T13:59:59.999Z" }),
      false,
      "another one",
    );
    t.equal(await customers.remove(luna), true);
    t.equal(await other.customers.remove(luna), false);
    t.equal(await customers.find("luna"), undefined);
    await customers.check();
  },

  async "customers are listed by the bytes of their ids, page by page"(t, opened) {
    for (const id of ["b", "B", "_", "a-1", "a1", "10", "9"]) await opened.customers.save(namedAfter(id));
    t.strictSame(await idsIn(opened, undefined, 10), ["10", "9", "B", "_", "a-1", "a1", "b"]);
    t.strictSame(await idsIn(opened, undefined, 3), ["10", "9", "B"]);
    t.strictSame(await idsIn(opened, "B", 3), ["_", "a-1", "a1"]);
    t.strictSame(await opened.states.customerIds("B", 2), ["_", "a-1"]);
  },

  async "the list is narrowed by a text, whatever the case of its ASCII letters"(t, opened) {
    await opened.customers.save(namedAfter("Luna-1", "Ñandú 100%"));
    await opened.customers.save(namedAfter("sol_2", "ñandú \\ Sol"));
    const found = (q: string) => idsIn(opened, undefined, 10, { q });
    t.strictSame(await found("LUNA"), ["Luna-1"]);
    t.strictSame(await found("@EXAMPLE"), ["Luna-1", "sol_2"]);
    t.strictSame(await found("Ñ"), ["Luna-1"]);
    t.strictSame(await found("ñAND"), ["sol_2"]);
    for (const wildcard of ["_2", "0%", "ú \\"]) t.equal((await found(wildcard)).length, 1, wildcard);
    t.strictSame(await found("%u"), []);
  },

  async "the list is narrowed by states, of which those of nobody are pending"(t, opened) {
    const { customers, states } = opened;
    for (const id of ["luna", "mar", "sol"]) await customers.save(namedAfter(id));
    await states.completeSnapshot(await states.beginSnapshot("0"));
    await states.apply("0", connecting(["luna", "sol", "gone"], "3"));
    t.strictSame(await idsIn(opened, undefined, 10, { status: "connected" }), ["luna", "sol"]);
    t.strictSame(await idsIn(opened, "luna", 10, { status: "connected" }), ["sol"]);
    t.strictSame(await idsIn(opened, undefined, 10, { status: "pending" }), ["mar"]);
    t.strictSame(await idsIn(opened, undefined, 10, { calendarState: "unknown", q: "SOL" }), ["sol"]);
    t.strictSame(await idsIn(opened, undefined, 10, { status: "pending", q: "a" }), ["mar"]);
    t.strictSame(await idsIn(opened, undefined, 10, { status: "connected", q: "mar" }), []);
    t.match(await customers.find("luna"), { status: "connected", statusSince: at });
    t.match(await opened.list("luna", 1, { q: "@" }), [{ customer_id: "mar", status: "pending" }]);
    t.equal(await states.cursor(), "3");
  },

  async "a customer that is being removed isn't saved any more, until it is gone"(t, { customers, other }) {
    t.equal(await customers.markLeaving("luna"), undefined);
    const saved = await customers.save(namedAfter("luna"));
    t.strictSame(await other.customers.markLeaving("luna"), saved);
    t.strictSame(await other.customers.markLeaving("luna"), saved);
    await t.rejects(other.customers.save(namedAfter("luna", "Luna")), { code: "customer_leaving" });
    t.strictSame(await other.customers.listLeaving(2), [saved]);
    t.equal(await customers.remove(saved), true);
    t.strictSame(await customers.listLeaving(2), []);
    t.match(await customers.save(namedAfter("luna")), saved);
  },

  async "a customer that twenty save at once is one"(t, opened) {
    await atOnce((i) => (i % 2 ? opened : opened.other).customers.save(namedAfter("luna", `Luna ${i}`)));
    t.equal((await opened.list(undefined, 10)).length, 1);
  },

  async "of twenty that save another customer under one id at once, the first is stored"(t, opened) {
    const save = (i: number) => {
      const email = `luna-${i}@example.com`;
      const { customers } = i % 2 === 0 ? opened : opened.other;
      const isSame = (stored: { customer_email: string }) => stored.customer_email === email;
      return customers.save({ ...namedAfter("luna"), customer_email: email }, isSame).catch((error) => error);
    };
    const outcomes = await atOnce(save);
    const saved = outcomes.filter((outcome) => !(outcome instanceof CustomerTakenError));
    t.equal(saved.length, 1);
    t.match(await opened.customers.find("luna"), saved[0]);
    t.match(
      outcomes.find((outcome) => outcome instanceof CustomerTakenError),
      { stored: saved[0] },
    );
  },

  async "of events that twenty apply at once nothing is applied twice"(t, { customers, states, other, db }) {
    await customers.save(namedAfter("luna"));
    await states.completeSnapshot(await states.beginSnapshot("0"));
    await atOnce((i) => (i % 2 ? states : other.states).apply("0", connecting(["luna"], `${i + 1}`)));
    const cursor = Number(await states.cursor());
    t.ok(cursor > 0);
    await states.apply("0", connecting(["luna"], "99"));
    t.equal(Number(await other.states.cursor()), cursor, "events that were read from elsewhere don't count");
    t.equal((await sql`select 1 from customer_states`.execute(db)).rows.length, 1);
  },

  async "of a customer that is removed while events are applied nothing is left"(t, opened) {
    const { customers, states, other, db } = opened;
    const ids = Array.from({ length: 20 }, (_, i) => `customer-${i}`);
    for (const id of ids) await customers.save(namedAfter(id));
    await states.completeSnapshot(await states.beginSnapshot("0"));
    await Promise.all([
      ...ids.map((customer_id) => other.customers.remove({ customer_id, created_at: at })),
      states.apply("0", connecting(ids, "20")),
      ...ids.map((id) => states.reconcile(id, "connected", async () => connectedSummary(id))),
    ]);
    const left = await sql`select customer_id from customer_states`.execute(db);
    t.strictSame(left.rows, []);
    t.equal(await states.cursor(), "20");
  },

  async "twenty who begin a snapshot at once take the same one"(t, { states, other }) {
    const begun = await atOnce((i) => (i % 2 ? states : other.states).beginSnapshot(`${i}`));
    t.equal(new Set(begun).size, 1);
    await atOnce((i) => (i % 2 ? states : other.states).completeSnapshot(begun[0] ?? ""));
    t.equal(await states.cursor(), begun[0]);
    await atOnce((i) => (i % 2 ? states : other.states).forgetCursor(begun[0] ?? ""));
    t.equal(await other.states.cursor(), undefined);
  },
};

for (const [name, test] of Object.entries(contract))
  forEachDatabase(t, name, async (t, database) => test(t, await openTwice(database)));
