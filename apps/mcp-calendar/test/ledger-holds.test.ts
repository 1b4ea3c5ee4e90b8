import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import Sqlite from "better-sqlite3";
import t, { type Test } from "tap";
import { BookingError, type BookingRequest } from "../src/bookings/booking.ts";
import { openLedger } from "../src/bookings/open-ledger.ts";
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
const written = { timeZone: "America/Bogota", meetLink: null, invitation: null };

/** Two instances over one database, each with a connection of its own, and a program that may lock it. */
async function openPair(t: Test) {
  const file = join(t.testdir(), "calendar.db");
  const open = async (instanceId: string) => {
    const db = openDatabase(`file:${file}`);
    t.teardown(() => db.destroy());
    const ledger = await openLedger({ db, instanceId });
    const instances = await openInstanceStore({ db });
    await instances.beat(instanceId);
    return { ledger, instances };
  };
  const [one, two] = [await open("one"), await open("two")];
  const other = new Sqlite(file);
  t.teardown(() => other.close());
  return {
    one,
    two,
    lock: () => other.exec("begin immediate"),
    unlock: () => other.exec("commit"),
    async confirmed(start: number) {
      const hold = await one.ledger.hold(requestAt(start), terms);
      await one.ledger.confirm(hold, written);
      one.ledger.leave(hold);
      return { ...hold, status: "confirmed" } as const;
    },
  };
}

t.test("a look for what was left behind never takes a hold that has just been made", async (t) => {
  const { one, lock, unlock } = await openPair(t);
  lock();
  const holding = one.ledger.hold(requestAt(nine), terms);
  await sleep(20);
  const looking = one.ledger.claimAbandoned(50, 0);
  await sleep(20);
  unlock();
  const [hold, claimed] = await Promise.all([holding, looking]);
  t.strictSame(claimed, []);
  t.equal(await one.ledger.isHeld(hold), true);
  one.ledger.leave(hold);
  t.match(await one.ledger.claimAbandoned(50, 0), [{ id: hold.id }], "once nobody works on it, it is left");
});

t.test("a hold that couldn't be made isn't remembered as worked on, and its move neither", async (t) => {
  const { one, two, confirmed } = await openPair(t);
  const booking = await confirmed(nine);
  const place = requestAt(nine + hour);
  const [move, refused] = await Promise.all([
    one.ledger.holdMove(booking, place, terms),
    two.ledger.holdMove(booking, requestAt(nine + 2 * hour), terms).catch((error: unknown) => error),
  ]);
  t.match(refused, new BookingError("in_progress"));
  t.strictSame(await one.ledger.claimAbandoned(50, 0), []);
  t.strictSame(await two.ledger.claimAbandoned(50, 0), []);
  t.equal(await one.ledger.completeMove(move), true);
});

t.test(
  "two instances that take each other for gone take the other's holds, and none of their own",
  async (t) => {
    const { one, two } = await openPair(t);
    const mine = await one.ledger.hold(requestAt(nine), terms);
    const theirs = await two.ledger.hold(requestAt(nine + hour), terms);
    await Promise.all([one.instances.remove(["two"]), two.instances.remove(["one"])]);
    const claims = await Promise.all([one.ledger.claimAbandoned(50, 0), two.ledger.claimAbandoned(50, 0)]);
    t.match(claims, [[{ id: theirs.id }], [{ id: mine.id }]]);
    for (const [ledger, hold] of [
      [one.ledger, mine],
      [two.ledger, theirs],
    ] as const) {
      t.equal(await ledger.isHeld(hold), false);
      t.equal(await ledger.confirm(hold, written), false);
    }
    await Promise.all([one.instances.beat("one"), two.instances.beat("two")]);
    t.ok(await one.ledger.hold(requestAt(nine + 2 * hour), terms), "both go on");
  },
);

t.test("who has lost a hold doesn't end what another is settling", async (t) => {
  const { one, two } = await openPair(t);
  const hold = await one.ledger.hold(requestAt(nine), terms);
  await two.instances.remove(["one"]);
  const [claimed] = await two.ledger.claimAbandoned(50, 0);
  await one.ledger.release(hold);
  t.match(
    await one.ledger.hold(requestAt(nine), terms).catch((error: unknown) => error),
    new BookingError("taken"),
    "it blocks until it is settled",
  );
  if (claimed !== undefined) await two.ledger.release(claimed);
  t.ok(await one.ledger.hold(requestAt(nine), terms));
});

t.test("a cancellation is worked on by one at a time, also within an instance", async (t) => {
  const { one, two, confirmed } = await openPair(t);
  const booking = await confirmed(nine);
  t.equal(await one.ledger.beginCancelling(booking), true);
  t.equal(await one.ledger.beginCancelling(booking), false, "another call of the instance");
  t.equal(await two.ledger.beginCancelling(booking), false, "another instance");
  one.ledger.leaveCancelling(booking);
  t.match(await one.ledger.claimCancellations(50), [{ id: booking.id }], "nobody knows how it ended");
  t.strictSame(await one.ledger.claimCancellations(50), [], "it is being settled");
  t.equal(await one.ledger.beginCancelling(booking), false, "a call waits for that");
  await one.ledger.endCancelling(booking);
  t.equal(await two.ledger.beginCancelling(booking), true);
  t.equal(await two.ledger.isCancelling(booking), true);
  t.equal(await one.ledger.isCancelling(booking), false);
});

t.test("what was written anew into another account isn't cancelled by who saw it before", async (t) => {
  const { one, two, confirmed } = await openPair(t);
  const booking = await confirmed(nine);
  const move = await one.ledger.holdMove(booking, requestAt(nine + hour), {
    ...terms,
    accountId: "account-2",
  });
  t.equal(await one.ledger.completeMove(move, written), true);
  await two.ledger.cancel(booking);
  const present = await two.ledger.find("luna", booking.id);
  t.match(present, { status: "confirmed", eventId: move.eventId, accountId: "account-2" });
  if (present !== undefined) await two.ledger.cancel(present);
  t.match(await two.ledger.find("luna", booking.id), { status: "cancelled" });
});

t.test("a released hold whose event came all the same is settled, whoever has its key by now", async (t) => {
  const { one } = await openPair(t);
  const first = await one.ledger.hold(requestAt(nine, "k1"), terms);
  await one.ledger.release(first);
  one.ledger.leave(first);
  const second = await one.ledger.hold(requestAt(nine + hour, "k1"), terms);
  t.equal(await one.ledger.confirm(second, written), true);
  const [before, after] = [Date.now() - 60_000, Date.now() + 60_000];
  const shownIn = (start: number, end: number) => one.ledger.reopen("luna", [first.eventId], { start, end });
  t.equal(await shownIn(before, after), false, "released since the reading began");
  t.equal(await shownIn(after, after + 60_000), true);
  t.match(await one.ledger.claimAbandoned(50, 0), [{ id: first.id }]);
  t.match(await one.ledger.findRepeated(requestAt(nine + hour, "k1")), { id: second.id });
  await one.ledger.release({ ...first, status: "abandoned" });
  t.equal(await shownIn(before - 60_000, before), true, "released by a clock that was ahead");
});
