import type { Test } from "tap";
import type { CalendarRecord, CalendarState, CustomerKey, TokenStore } from "../src/index.ts";
import { connect } from "./connect.ts";

type Opened = { store: TokenStore; clock: { now: Date } };

const key = (customerId: string): CustomerKey => ({ customerId, provider: "google" });
const minutes = (n: number) => n * 60_000;

async function recordOf(store: TokenStore, customerId: string): Promise<CalendarRecord> {
  const record = await store.calendarStates.find(key(customerId));
  if (record === undefined) throw new Error("not connected");
  return record;
}

/** What every database has to keep of calendars that answer or don't. */
export function testCalendarStates(t: Test, open: (t: Test) => Promise<Opened>): void {
  const refusedAt = (since: Date): CalendarState => ({
    name: "refused",
    since,
    calendar: null,
    reason: "notACalendarUser",
    span: null,
  });

  t.test("a calendar's state is unknown after a consent, and again after the next", async (t) => {
    const { store, clock } = await open(t);
    await connect(store, "alice");
    const record = await recordOf(store, "alice");
    t.match(record, { state: { name: "unknown", since: null }, failures: 0, failingSince: null });
    t.strictSame(record.checkDue, clock.now);
    const state = { ...refusedAt(clock.now), span: { start: 1, end: 2 }, calendar: "team@example.com" };
    t.equal(await store.calendarStates.replace(record, { ...record, state, failures: 2 }), true);
    t.match((await store.connections.statuses(["alice"], "google"))[0]?.calendarState, state);
    await connect(store, "alice");
    t.match(await recordOf(store, "alice"), { state: { name: "unknown", calendar: null }, failures: 0 });
  });

  t.test("of several that notice a change one is told so, and a refresh under way is saved", async (t) => {
    const { store, clock } = await open(t);
    await connect(store, "alice");
    const read = await store.connections.find(key("alice"));
    if (read === undefined) throw new Error("not connected");
    const record = await recordOf(store, "alice");
    const after = { ...record, state: refusedAt(clock.now) };
    const told = await Promise.all([1, 2, 3].map(() => store.calendarStates.replace(record, after)));
    t.equal(told.filter(Boolean).length, 1);
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    t.equal(await store.connections.saveRefreshed(read, { accessToken: "ya29.new", tokenExpiry }), true);
    t.match(await recordOf(store, "alice"), { state: { name: "refused" } }, "the state outlasts a refresh");
  });

  t.test("what was found before a new consent, or a loss, replaces nothing after it", async (t) => {
    const { store, clock } = await open(t);
    await connect(store, "alice");
    const old = await recordOf(store, "alice");
    const stale = { ...old, state: refusedAt(clock.now) };
    clock.now = new Date(clock.now.getTime() + minutes(1));
    await connect(store, "alice");
    t.equal(await store.calendarStates.replace(old, stale), false);
    const connection = await store.connections.find(key("alice"));
    if (connection === undefined) throw new Error("not connected");
    const record = await recordOf(store, "alice");
    await store.connections.requireReconnect(connection, "invalid_grant");
    t.equal(await store.calendarStates.replace(record, { ...record, state: refusedAt(clock.now) }), false);
    t.equal(await store.calendarStates.find(key("alice")), undefined);
    t.equal(await store.calendarStates.find(key("nobody")), undefined);
  });

  t.test("calendars that are due are taken once, the longest overdue first", async (t) => {
    const { store, clock } = await open(t);
    const begun = clock.now.getTime();
    for (const [i, id] of ["alice", "bob", "carol", "dave"].entries()) {
      clock.now = new Date(begun + minutes(i));
      await connect(store, id);
    }
    const lost = await store.connections.find(key("bob"));
    if (lost === undefined) throw new Error("not connected");
    await store.connections.requireReconnect(lost, "invalid_grant");
    const dueAgain = new Date(begun + minutes(10));
    const latestDue = new Date(begun + minutes(15));
    const claim = async (limit: number, provider = "google") =>
      (await store.calendarStates.claimDue(provider, { limit, dueAgain, latestDue })).map(
        ({ customerId }) => customerId,
      );
    t.strictSame(await claim(2), ["alice", "carol"], "one that needs a new consent isn't asked about");
    const both = await Promise.all([claim(5), claim(5)]);
    t.strictSame(both.flat(), ["dave"]);
    t.strictSame(await claim(5, "microsoft"), []);
    await store.calendarStates.makeDue(key("carol"));
    t.strictSame(await claim(5), ["carol"]);
    clock.now = dueAgain;
    t.strictSame((await claim(5)).sort(), ["alice", "carol", "dave"]);
  });

  t.test("calendars that a clock has put off too long are due when it has been set back", async (t) => {
    const { store, clock } = await open(t);
    const begun = clock.now.getTime();
    await connect(store, "alice");
    const claimAt = async (at: number) => {
      clock.now = new Date(at);
      const dueAgain = new Date(at + minutes(10));
      const claim = { limit: 5, dueAgain, latestDue: new Date(at + minutes(15)) };
      return (await store.calendarStates.claimDue("google", claim)).map(({ customerId }) => customerId);
    };
    t.strictSame(await claimAt(begun), ["alice"]);
    t.strictSame(await claimAt(begun - minutes(4)), [], "clocks of processes differ by as much");
    t.strictSame(await claimAt(begun - minutes(60)), ["alice"]);
    t.strictSame(await claimAt(begun - minutes(59)), []);
  });

  t.test("calendars are counted by their state, those that need a new consent aren't", async (t) => {
    const { store, clock } = await open(t);
    for (const id of ["alice", "bob", "carol", "dave"]) await connect(store, id);
    const none = { unreadable: 0, refused: 0, not_found: 0, unreachable: 0 };
    const count = async () => (await store.connections.countByState("google")).calendars;
    t.strictSame(await count(), { ok: 0, ...none, unknown: 4 });
    const put = async (id: string, state: CalendarState) => {
      const record = await recordOf(store, id);
      await store.calendarStates.replace(record, { ...record, state });
    };
    await put("alice", { ...refusedAt(clock.now), name: "ok", reason: null });
    await put("bob", refusedAt(clock.now));
    await put("carol", refusedAt(clock.now));
    t.strictSame(await count(), { ok: 1, ...none, refused: 2, unknown: 1 });
    const lost = await store.connections.find(key("carol"));
    if (lost === undefined) throw new Error("not connected");
    await store.connections.requireReconnect(lost, "invalid_grant");
    t.strictSame(await count(), { ok: 1, ...none, refused: 1, unknown: 1 });
  });
}
