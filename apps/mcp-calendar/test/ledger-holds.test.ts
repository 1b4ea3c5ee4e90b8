import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t from "tap";
import { openEvents } from "../../../test/support/open-events.ts";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { type BookingRequest, isConfirmed } from "../src/bookings/booking.ts";
import { BookingError } from "../src/bookings/booking-error.ts";
import type { Ledger } from "../src/bookings/ledger/ledger.ts";
import { openLedger } from "../src/bookings/ledger/open-ledger.ts";
import { openInstanceStore } from "../src/instances/instance-store.ts";

const hour = 3_600_000;
const nine = Date.parse("2027-01-18T09:00:00-05:00");

function requestAt(start: number, idempotencyKey: string | null = null): BookingRequest {
  return {
    ...{ customerId: "luna", start, end: start + hour / 2, bufferBeforeMs: 0, bufferAfterMs: 0 },
    ...{ service: "appointment", capacity: 1, notes: null, idempotencyKey },
    attendee: { name: "Ana", phone: null, phoneWritten: null, email: null, ref: null },
    asked: { service: null, durationMinutes: null },
  };
}

const terms = { until: nine, accountId: "account-1", maxOpenBookings: null };
const writtenAs = (eventId: string) => ({
  ...{ eventId, mark: "mark", timeZone: "America/Bogota", meetLink: null, invitation: null },
});

async function hold(ledger: Ledger, start: number, key?: string) {
  const held = await ledger.hold(requestAt(start, key), terms);
  if (isConfirmed(held)) throw new Error("it was booked before");
  return held;
}

async function find(ledger: Ledger, bookingId: string) {
  const found = await ledger.find("luna", bookingId);
  if (found === undefined || !isConfirmed(found)) throw new Error("it isn't confirmed");
  return found;
}

/** Two instances over one database, each with connections of its own, and a program that may lock it. */
async function openPair(database: TestDatabase) {
  const open = async (instanceId: string) => {
    const db = database.open();
    const ledger = await openLedger({ db, events: await openEvents(db), instanceId });
    const instances = await openInstanceStore({ db });
    await instances.beat(instanceId);
    return { ledger, instances };
  };
  const [one, two] = [await open("one"), await open("two")];
  const other = database.open();
  return {
    one,
    two,
    /** @returns lets it go. */
    async lock() {
      const trx = await other.startTransaction().execute();
      if (database.engine === "postgres") await sql`lock table bookings in exclusive mode`.execute(trx);
      return () => trx.commit().execute();
    },
    async confirmed(start: number) {
      const held = await hold(one.ledger, start);
      await one.ledger.confirm(held, writtenAs(`event of ${held.id}`));
      one.ledger.leave(held);
      return find(one.ledger, held.id);
    },
  };
}

forEachDatabase(
  t,
  "a take-over of what was left behind never takes a hold that has just been made",
  async (t, database) => {
    const { one, lock } = await openPair(database);
    const unlock = await lock();
    const holding = hold(one.ledger, nine);
    await sleep(20);
    const takingOver = one.ledger.takeOverAbandoned(50, 0);
    await sleep(20);
    await unlock();
    const [held, taken] = await Promise.all([holding, takingOver]);
    t.strictSame(taken, []);
    t.equal(await one.ledger.isHeld(held), true);
    one.ledger.leave(held);
    t.match(
      await one.ledger.takeOverAbandoned(50, 0),
      [{ id: held.id }],
      "once no call works on it, it is left",
    );
  },
);

forEachDatabase(
  t,
  "a hold that couldn't be made isn't remembered as worked on, and its move neither",
  async (t, database) => {
    const { one, two, confirmed } = await openPair(database);
    const booking = await confirmed(nine);
    const place = requestAt(nine + hour);
    const [move, refused] = await Promise.all([
      one.ledger.holdMove(booking, place, terms),
      two.ledger.holdMove(booking, requestAt(nine + 2 * hour), terms).catch((error: unknown) => error),
    ]);
    t.match(refused, new BookingError("in_progress"));
    t.strictSame(await one.ledger.takeOverAbandoned(50, 0), []);
    t.strictSame(await two.ledger.takeOverAbandoned(50, 0), []);
    t.equal(await one.ledger.completeMove(move), true);
  },
);

forEachDatabase(
  t,
  "two instances that take each other for gone take the other's holds, and none of their own",
  async (t, database) => {
    const { one, two } = await openPair(database);
    const mine = await hold(one.ledger, nine);
    const theirs = await hold(two.ledger, nine + hour);
    await Promise.all([one.instances.remove(["two"]), two.instances.remove(["one"])]);
    const taken = await Promise.all([
      one.ledger.takeOverAbandoned(50, 0),
      two.ledger.takeOverAbandoned(50, 0),
    ]);
    t.match(taken, [[{ id: theirs.id }], [{ id: mine.id }]]);
    for (const [ledger, lost] of [
      [one.ledger, mine],
      [two.ledger, theirs],
    ] as const) {
      t.equal(await ledger.isHeld(lost), false);
      t.equal(await ledger.confirm(lost, writtenAs("event-1")), false);
    }
    await Promise.all([one.instances.beat("one"), two.instances.beat("two")]);
    t.ok(await hold(one.ledger, nine + 2 * hour), "both go on");
  },
);

forEachDatabase(t, "who has lost a hold doesn't end what another is settling", async (t, database) => {
  const { one, two } = await openPair(database);
  const lost = await hold(one.ledger, nine);
  await two.instances.remove(["one"]);
  const [taken] = await two.ledger.takeOverAbandoned(50, 0);
  await one.ledger.release(lost);
  t.match(
    await hold(one.ledger, nine).catch((error: unknown) => error),
    new BookingError("taken"),
    "it blocks until it is settled",
  );
  if (taken !== undefined) await two.ledger.release(taken);
  t.ok(await hold(one.ledger, nine));
});

forEachDatabase(
  t,
  "a cancellation is worked on by one at a time, also within an instance",
  async (t, database) => {
    const { one, two, confirmed } = await openPair(database);
    const booking = await confirmed(nine);
    t.equal(await one.ledger.beginCancelling(booking), true);
    t.equal(await one.ledger.beginCancelling(booking), false, "another call of the instance");
    t.equal(await two.ledger.beginCancelling(booking), false, "another instance");
    one.ledger.leaveCancelling(booking);
    t.match(await one.ledger.takeOverCancellations(50), [{ id: booking.id }], "nobody knows how it ended");
    t.strictSame(await one.ledger.takeOverCancellations(50), [], "it is being settled");
    t.equal(await one.ledger.beginCancelling(booking), false, "a call waits for that");
    await one.ledger.endCancelling(booking);
    t.equal(await two.ledger.beginCancelling(booking), true);
    t.equal(await two.ledger.isCancelling(booking), true);
    t.equal(await one.ledger.isCancelling(booking), false);
  },
);

forEachDatabase(
  t,
  "what was written anew into another account isn't cancelled by who saw it before",
  async (t, database) => {
    const { one, two, confirmed } = await openPair(database);
    const booking = await confirmed(nine);
    const move = await one.ledger.holdMove(booking, requestAt(nine + hour), {
      ...terms,
      accountId: "account-2",
    });
    t.equal(await one.ledger.completeMove(move, writtenAs("event-2")), true);
    await two.ledger.cancel(booking);
    const present = await find(two.ledger, booking.id);
    t.match(present, { eventId: "event-2", accountId: "account-2" });
    await two.ledger.cancel(present);
    t.match(await two.ledger.find("luna", booking.id), { status: "cancelled" });
  },
);

forEachDatabase(
  t,
  "a released hold whose event came all the same is settled, whoever has its key by now",
  async (t, database) => {
    const { one } = await openPair(database);
    const first = await hold(one.ledger, nine, "k1");
    await one.ledger.release(first);
    one.ledger.leave(first);
    const second = await hold(one.ledger, nine + hour, "k1");
    t.equal(await one.ledger.confirm(second, writtenAs("event-1")), true);
    const [before, after] = [Date.now() - 60_000, Date.now() + 60_000];
    const shownIn = (start: number, end: number) => one.ledger.reopen("luna", [first.id], { start, end });
    t.equal(await shownIn(before, after), false, "released since the reading began");
    t.equal(await shownIn(after, after + 60_000), true);
    t.match(await one.ledger.takeOverAbandoned(50, 0), [{ id: first.id }]);
    t.match(await one.ledger.findRepeated(requestAt(nine + hour, "k1")), { id: second.id });
    await one.ledger.release({ ...first, status: "abandoned" });
    t.equal(await shownIn(before - 60_000, before), true, "released by a clock that was ahead");
  },
);

forEachDatabase(
  t,
  "an invitation is sent by one instance at a time, and taken over from one that is gone",
  async (t, database) => {
    const { one, two } = await openPair(database);
    const held = await hold(one.ledger, nine);
    await one.ledger.confirm(held, { ...writtenAs("event-1"), invitation: "pending" });
    one.ledger.leave(held);
    const booking = await find(one.ledger, held.id);
    const takenBy = async ({ ledger }: typeof one, againMs = 0) =>
      (await ledger.takeOverInvitations(50, againMs)).map(({ id }) => id);
    t.equal(await one.ledger.isInviting(booking), true);
    t.strictSame(await takenBy(one), [], "its call works on it");
    t.strictSame(await takenBy(two), [], "that instance is there");
    one.ledger.leaveInviting(booking);
    t.strictSame(await takenBy(one, 60_000), [booking.id], "its call has left it");
    one.ledger.leaveInviting(booking);
    t.strictSame(await takenBy(one, 60_000), [], "it was tried a moment ago");

    await two.instances.remove(["one"]);
    t.strictSame(await takenBy(two, 60_000), [], "also for another instance");
    t.strictSame(await takenBy(two), [booking.id]);
    t.equal(await one.ledger.isInviting(booking), false);
    await one.ledger.endInviting(booking, "refused");
    t.match(await find(one.ledger, booking.id), { invitation: "pending" }, "it isn't its own any more");
    await two.ledger.endInviting(booking, "sent");
    t.match(await find(one.ledger, booking.id), { invitation: "sent" });
    t.strictSame([await takenBy(one), await takenBy(two)], [[], []]);
  },
);

forEachDatabase(t, "a booking that wasn't confirmed has nobody to invite", async (t, database) => {
  const { one, two } = await openPair(database);
  const held = await hold(one.ledger, nine);
  await two.instances.remove(["one"]);
  await two.ledger.takeOverAbandoned(50, 0);
  t.equal(await one.ledger.confirm(held, { ...writtenAs("event-1"), invitation: "pending" }), false);
  t.strictSame(await two.ledger.takeOverInvitations(50, 0), []);
});
