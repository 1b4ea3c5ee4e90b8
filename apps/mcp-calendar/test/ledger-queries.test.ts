import t from "tap";
import { openEvents } from "../../../test/support/open-events.ts";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { type BookingRequest, isConfirmed } from "../src/bookings/booking.ts";
import { createAttendeeData } from "../src/bookings/ledger/attendee-data.ts";
import { openLedger } from "../src/bookings/ledger/open-ledger.ts";

const hour = 3_600_000;
const nine = Date.parse("2027-01-18T09:00:00-05:00");
const at = (start: number) => ({ start, end: start + hour / 2 });
const ana = { name: "Ana", phone: "+573001234567", phoneWritten: null, email: "Ana@example.com", ref: null };
const bea = { name: "Bea", phone: null, phoneWritten: null, email: null, ref: "tg:bea" };

function requestOf(start: number, changes: Partial<BookingRequest> = {}): BookingRequest {
  return {
    ...{ customerId: "luna", ...at(start), bufferBeforeMs: 0, bufferAfterMs: 0 },
    ...{ service: "appointment", capacity: 1, notes: null, idempotencyKey: null },
    ...{ attendee: ana, asked: { service: null, durationMinutes: null } },
    ...changes,
  };
}

/** A ledger whose clock stands still. */
async function opened(database: TestDatabase) {
  const db = database.open();
  const events = await openEvents(db);
  const clock = { now: nine - 24 * hour };
  const now = () => clock.now;
  const ledger = await openLedger({ db, events, now });
  const book = async (request: BookingRequest, accountId = "account-1") => {
    const held = await ledger.hold(request, { until: nine, accountId, maxOpenBookings: null });
    const event = {
      eventId: `event of ${held.id}`,
      mark: held.id,
      timeZone: "UTC",
      meetLink: null,
      invitation: null,
    };
    if (!isConfirmed(held)) await ledger.confirm(held, event);
    const booking = await ledger.find(request.customerId, held.id);
    if (booking === undefined || !isConfirmed(booking)) throw new Error("it isn't confirmed");
    return booking;
  };
  const data = createAttendeeData({ db, maxEvents: 2, now });
  return { ledger, events, data, clock, book };
}

const starts = (found: readonly { start: number }[]) => found.map(({ start }) => (start - nine) / hour);

forEachDatabase(t, "bookings are found by time and by person", async (t, database) => {
  const { ledger, book } = await opened(database);
  for (const i of [2, 0, 1]) await book(requestOf(nine + i * hour));
  await book(requestOf(nine + 3 * hour, { attendee: bea }));
  await book(requestOf(nine, { customerId: "sol" }));
  const list = async (changes: object) =>
    starts(await ledger.list("luna", { start: 0, end: 2 * nine, limit: 10, ...changes }));
  t.strictSame(await list({ start: nine }), [0, 1, 2, 3]);
  t.strictSame(await list({ start: nine + hour, end: nine + 3 * hour }), [1, 2]);
  t.strictSame(await list({ start: nine, limit: 2 }), [0, 1]);
  t.strictSame(await list({ phone: ana.phone }), [0, 1, 2]);
  t.strictSame(await list({ email: "ana@EXAMPLE.com" }), [0, 1, 2]);
  t.strictSame(await list({ attendee: { phone: ana.phone, ref: null } }), [0, 1, 2]);
  t.strictSame(await list({ attendee: { phone: ana.phone, ref: "tg:bea" } }), [0, 1, 2, 3]);
  t.strictSame(await list({ attendee: { phone: null, ref: "tg:ana" } }), []);
});

forEachDatabase(t, "pages go on where the last one ended", async (t, database) => {
  const { ledger, book } = await opened(database);
  for (let i = 0; i < 5; i++) await book(requestOf(nine + i * hour), `account-${i % 2}`);
  const second = await book(requestOf(nine + 5 * hour));
  await ledger.cancel(second);
  const page = async (changes: object = {}) =>
    ledger.page("luna", {
      ...{ after: { start: 0, id: "" }, until: undefined, status: "all", limit: 4 },
      ...changes,
    });
  const first = await page();
  t.strictSame(starts(first), [0, 1, 2, 3]);
  const last = first.at(-1);
  t.strictSame(starts(await page({ after: { start: last?.start, id: last?.id } })), [4, 5]);
  t.strictSame(starts(await page({ status: "cancelled" })), [5]);
  t.strictSame(starts(await page({ until: nine + hour })), [0]);
  t.strictSame(starts(await page({ status: { accountId: "account-1" } })), [0, 2, 4]);
  t.equal(await ledger.countStranded("luna", { accountId: "account-1", after: nine }), 2);
});

forEachDatabase(t, "what is in force is found by its time and by its event", async (t, database) => {
  const { ledger, book } = await opened(database);
  const booking = await book(requestOf(nine));
  const hold = await ledger.hold(requestOf(nine + hour), {
    ...{ until: nine, accountId: null, maxOpenBookings: null },
  });
  const nowhere = { start: 0, end: 1 };
  const mark = (bookingId: string, eventId: string) => ({ bookingId, eventId, isOccurrence: false });
  const inForce = async (span: typeof nowhere, marks: ReturnType<typeof mark>[] = []) =>
    (await ledger.listInForce("luna", span, { accountId: null, marks })).map(({ id }) => id);
  t.strictSame((await inForce({ start: nine, end: nine + 2 * hour })).sort(), [booking.id, hold.id].sort());
  t.strictSame(await inForce(nowhere), []);
  t.strictSame(await inForce(nowhere, [mark("other", booking.eventId)]), [booking.id]);
  t.strictSame(await inForce(nowhere, [mark(hold.id, "late")]), [hold.id]);
  t.strictSame(await inForce(nowhere, [mark(booking.id, "copied")]), []);
});

forEachDatabase(
  t,
  "of two changes within a millisecond the second isn't overwritten",
  async (t, database) => {
    const { ledger, events, book } = await opened(database);
    const booking = await book(requestOf(nine));
    await ledger.follow(booking, at(nine + hour));
    await ledger.follow(booking, at(nine + 2 * hour));
    t.match(await ledger.find("luna", booking.id), at(nine + hour), "it was read before that");
    await ledger.follow(booking, undefined);
    const kinds = (await events.page({ customerId: "luna", limit: 10 })).map(({ kind }) => kind);
    t.strictSame(kinds.sort(), ["booked", "rescheduled"]);
  },
);

forEachDatabase(t, "an account is stored where none was known", async (t, database) => {
  const { ledger, book } = await opened(database);
  const booking = await book(requestOf(nine));
  await ledger.adopt("luna", [booking.id, "none"], "account-2");
  t.match(await ledger.find("luna", booking.id), { accountId: "account-1" });
});

forEachDatabase(t, "the ids of two people in one call are noticed", async (t, database) => {
  const { ledger, book } = await opened(database);
  await book(requestOf(nine, { attendee: { ...ana, ref: "tg:ana" } }));
  await book(requestOf(nine + hour, { attendee: bea }));
  const conflicts = (phone: string | null, ref: string) => ledger.hasConflictingIds("luna", { phone, ref });
  t.equal(await conflicts(ana.phone, "tg:bea"), true);
  t.equal(await conflicts(ana.phone, "tg:ana"), false);
  t.equal(await conflicts(null, "tg:ana"), false);
});

forEachDatabase(t, "the same change is counted once while it is under way", async (t, database) => {
  const { ledger, clock } = await opened(database);
  const attendee = { phone: ana.phone, ref: null };
  const begin = () => ledger.beginChange("luna", attendee, { kind: "cancel", what: "b1" });
  const id = await begin();
  t.equal(await begin(), undefined);
  if (id !== undefined) await ledger.endChange(id);
  const again = await begin();
  t.ok(again !== undefined && id !== undefined && again > id);
  if (again !== undefined) await ledger.dropChange(again);
  clock.now += 2 * hour;
  t.equal(await ledger.removeChanges(clock.now, 500), 1);
  t.equal(await ledger.removeChanges(clock.now, 500), 0);
});

forEachDatabase(t, "released holds are removed, oldest first and some at a time", async (t, database) => {
  const { ledger, clock } = await opened(database);
  for (let i = 0; i < 5; i++) {
    const hold = await ledger.hold(requestOf(nine + i * hour), {
      ...{ until: nine, accountId: null, maxOpenBookings: null },
    });
    if (!isConfirmed(hold)) await ledger.release(hold);
    clock.now += 1_000;
  }
  const removed = [];
  for (let i = 0; i < 3; i++) removed.push(await ledger.removeReleased(clock.now, 3));
  t.strictSame(removed, [3, 2, 0]);
});

forEachDatabase(t, "a person's data is exported and erased, and nobody else's", async (t, database) => {
  const { data, book, clock } = await opened(database);
  for (let i = 0; i < 4; i++) await book(requestOf(nine + i * hour));
  await book(requestOf(nine + 4 * hour, { attendee: bea }));
  const query = { customerId: "luna", attendee: ana };
  t.equal(await data.countAhead(query), 4);
  clock.now = nine + 2.75 * hour;
  t.equal(await data.countAhead(query), 1);
  const erased = await data.erase(query);
  t.match(erased, { rows: 3, hasMoreEvents: true });
  t.equal(erased.eventIds.length, 2);
  const left = await data.page(query, { start: 0, id: "" }, 10);
  t.strictSame(starts(left), [3]);
  t.equal((await data.page({ customerId: "luna", attendee: bea }, { start: 0, id: "" }, 10)).length, 1);
});
