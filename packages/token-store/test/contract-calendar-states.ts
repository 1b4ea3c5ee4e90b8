import type { CalendarRecord, CalendarState, TokenStore } from "../src/index.ts";
import { type ContractTests, connect, findConnection, google, passTime } from "./fixtures.ts";

const minutes = (n: number) => n * 60_000;

async function recordOf(store: TokenStore, customerId: string): Promise<CalendarRecord> {
  const record = await store.calendarStates.find(google(customerId));
  if (record === undefined) throw new Error("not connected");
  return record;
}

const refusedAt = (since: Date): CalendarState => ({
  name: "refused",
  since,
  calendar: null,
  reason: "notACalendarUser",
  span: null,
});

/** What every database has to keep of calendars that answer or don't. */
export const calendarStateTests: ContractTests = {
  "a calendar's state is unknown after a consent, and again after the next": async (t, { store, clock }) => {
    await connect(store, "alice");
    const record = await recordOf(store, "alice");
    t.match(record, { state: { name: "unknown", since: null }, failures: 0, failingSince: null });
    t.strictSame(record.checkDue, clock.now);
    const state = { ...refusedAt(clock.now), span: { start: 1, end: 2 }, calendar: "team@example.com" };
    t.equal(await store.calendarStates.replace(record, { ...record, state, failures: 2 }), true);
    t.match((await store.connections.statuses(["alice"]))[0]?.calendarState, state);
    await connect(store, "alice");
    t.match(await recordOf(store, "alice"), { state: { name: "unknown", calendar: null }, failures: 0 });
  },

  "of several that notice a change one is told so, and a refresh under way is saved": async (
    t,
    { store, clock },
  ) => {
    await connect(store, "alice");
    const read = await findConnection(store, "alice");
    const record = await recordOf(store, "alice");
    const after = { ...record, state: refusedAt(clock.now) };
    const told = await Promise.all([1, 2, 3].map(() => store.calendarStates.replace(record, after)));
    t.equal(told.filter(Boolean).length, 1);
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    t.equal(
      await store.connections.saveRefreshed(read, { accessToken: "ya29.new", tokenExpiry, renewAt: null }),
      true,
    );
    t.match(await recordOf(store, "alice"), { state: { name: "refused" } }, "the state outlasts a refresh");
  },

  "what was found before a new consent, or a loss, replaces nothing after it": async (
    t,
    { store, clock },
  ) => {
    await connect(store, "alice");
    const old = await recordOf(store, "alice");
    const stale = { ...old, state: refusedAt(clock.now) };
    passTime(clock, minutes(1));
    await connect(store, "alice");
    t.equal(await store.calendarStates.replace(old, stale), false);
    const connection = await findConnection(store, "alice");
    const record = await recordOf(store, "alice");
    await store.connections.requireReconnect(connection, "invalid_grant");
    t.equal(await store.calendarStates.replace(record, { ...record, state: refusedAt(clock.now) }), false);
    t.equal(await store.calendarStates.find(google("alice")), undefined);
    t.equal(await store.calendarStates.find(google("nobody")), undefined);
  },

  "calendars that are due are taken once, the longest overdue first": async (t, { store, clock }) => {
    const begun = clock.now.getTime();
    for (const [i, id] of ["alice", "bob", "carol", "dave"].entries()) {
      clock.now = new Date(begun + minutes(i));
      await connect(store, id);
    }
    const lost = await findConnection(store, "bob");
    await store.connections.requireReconnect(lost, "invalid_grant");
    const dueAgain = new Date(begun + minutes(10));
    const latestDue = new Date(begun + minutes(15));
    const take = async (limit: number, provider = "google") =>
      (await store.calendarStates.takeDue(provider, { limit, dueAgain, latestDue }))
        .map(({ customerId }) => customerId)
        .sort();
    t.strictSame(await take(2), ["alice", "carol"], "one that needs a new consent isn't asked about");
    const both = await Promise.all([take(5), take(5)]);
    t.strictSame(both.flat(), ["dave"]);
    t.strictSame(await take(5, "microsoft"), []);
    await store.calendarStates.makeDue(google("carol"));
    t.strictSame(await take(5), ["carol"]);
    clock.now = dueAgain;
    t.strictSame(await take(5), ["alice", "carol", "dave"]);
  },

  "calendars that a clock has put off too long are due when it has been set back": async (
    t,
    { store, clock },
  ) => {
    const begun = clock.now.getTime();
    await connect(store, "alice");
    const takeAt = async (at: number) => {
      clock.now = new Date(at);
      const dueAgain = new Date(at + minutes(10));
      const query = { limit: 5, dueAgain, latestDue: new Date(at + minutes(15)) };
      return (await store.calendarStates.takeDue("google", query)).map(({ customerId }) => customerId);
    };
    t.strictSame(await takeAt(begun), ["alice"]);
    t.strictSame(await takeAt(begun - minutes(4)), [], "clocks of processes differ by as much");
    t.strictSame(await takeAt(begun - minutes(60)), ["alice"]);
    t.strictSame(await takeAt(begun - minutes(59)), []);
  },

  "calendars are counted by their state, those that need a new consent aren't": async (
    t,
    { store, clock },
  ) => {
    for (const id of ["alice", "bob", "carol", "dave"]) await connect(store, id);
    const none = { unreadable: 0, refused: 0, not_found: 0, unreachable: 0 };
    const count = async () =>
      (await store.connections.countByState(["google"])).ofProviders.get("google")?.calendars;
    t.strictSame(await count(), { ok: 0, ...none, unknown: 4 });
    const put = async (id: string, state: CalendarState) => {
      const record = await recordOf(store, id);
      await store.calendarStates.replace(record, { ...record, state });
    };
    await put("alice", { ...refusedAt(clock.now), name: "ok", reason: null });
    await put("bob", refusedAt(clock.now));
    await put("carol", refusedAt(clock.now));
    t.strictSame(await count(), { ok: 1, ...none, refused: 2, unknown: 1 });
    const lost = await findConnection(store, "carol");
    await store.connections.requireReconnect(lost, "invalid_grant");
    t.strictSame(await count(), { ok: 1, ...none, refused: 1, unknown: 1 });
  },
};
