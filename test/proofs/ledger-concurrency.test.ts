import { fork } from "node:child_process";
import { once } from "node:events";
import t, { type Test } from "tap";
import { type BookingRequest, isConfirmed } from "../../apps/mcp-calendar/src/bookings/booking.ts";
import { openLedger } from "../../apps/mcp-calendar/src/bookings/ledger/open-ledger.ts";
import { openInstanceStore } from "../../apps/mcp-calendar/src/instances/instance-store.ts";
import type { BookingJob } from "../../apps/mcp-calendar/test/fixtures/booking-process.ts";
import { openEvents } from "../support/open-events.ts";
import { forEachDatabase, type TestDatabase } from "../support/test-database.ts";

const halfHour = 1_800_000;
const nine = Date.parse("2037-01-18T09:00:00-05:00");
const processes = 4;

function requestOf(
  customerId: string,
  attendee: number,
  changes: Partial<BookingRequest> = {},
): BookingRequest {
  return {
    ...{ customerId, start: nine, end: nine + halfHour, bufferBeforeMs: 0, bufferAfterMs: 0 },
    ...{ service: "appointment", capacity: 1, notes: null, idempotencyKey: null },
    attendee: {
      ...{ name: `Ana ${attendee}`, phone: `+57300${1_000_000 + attendee}` },
      ...{ phoneWritten: null, email: null, ref: null },
    },
    asked: { service: null, durationMinutes: null },
    ...changes,
  };
}

const noEvents = { accountId: null, marks: [] };
const at = (start: number) => ({ start, end: start + halfHour });
const many = <T>(length: number, make: (i: number) => T) => Array.from({ length }, (_, i) => make(i));

/** Four instances of the service, and a ledger in this process, of an instance that is gone. */
async function openMany(t: Test, database: TestDatabase) {
  const db = database.open();
  const ledger = await openLedger({ db, events: await openEvents(db), instanceId: "gone" });
  const instances = await openInstanceStore({ db });
  const script = new URL("../../apps/mcp-calendar/test/fixtures/booking-process.ts", import.meta.url)
    .pathname;
  const children = await Promise.all(
    many(processes, async (i) => {
      await instances.beat(`instance ${i}`);
      const child = fork(script, [database.url, `instance ${i}`]);
      t.teardown(() => child.kill("SIGKILL"));
      await once(child, "message");
      return child;
    }),
  );
  return {
    ledger,
    /** Gives each process its job, at once. */
    async runAll(toJob: (process: number) => BookingJob): Promise<string[][]> {
      return Promise.all(
        children.map(async (child, i) => {
          const answer = once(child, "message");
          child.send(toJob(i));
          return (await answer)[0] as string[];
        }),
      );
    },
    async confirmed(request: BookingRequest, invitation: "pending" | null = null): Promise<string> {
      const held = await ledger.hold(request, { until: nine, accountId: null, maxOpenBookings: null });
      if (isConfirmed(held)) throw new Error("it was booked before");
      const event = {
        eventId: held.id,
        mark: held.id,
        timeZone: "America/Bogota",
        meetLink: null,
        invitation,
      };
      await ledger.confirm(held, event);
      ledger.leave(held);
      return held.id;
    },
  };
}

const countOf = (outcomes: readonly string[][]) =>
  Object.fromEntries(
    Object.entries(Object.groupBy(outcomes.flat(), (code) => code)).map(([code, all]) => [code, all?.length]),
  );

forEachDatabase(t, "four instances give each time and each limit once", async (t, database) => {
  const { runAll, ledger } = await openMany(t, database);

  await t.test("of 500 who want one time, one gets it", async (t) => {
    const outcomes = await runAll((process) => ({
      ...{ task: "hold", maxOpenBookings: null },
      requests: many(500 / processes, (i) => requestOf("slot", 1_000 * process + i)),
    }));
    t.strictSame(countOf(outcomes), { held: 1, taken: 499 });
  });

  await t.test("of 200 who want to join a class of three, three do", async (t) => {
    const outcomes = await runAll((process) => ({
      ...{ task: "hold", maxOpenBookings: null },
      requests: many(200 / processes, (i) => requestOf("class", 1_000 * process + i, { capacity: 3 })),
    }));
    t.strictSame(countOf(outcomes), { held: 3, taken: 197 });
    const entries = await ledger.listInForce("class", at(nine), noEvents);
    t.strictSame(entries.map(({ seat }) => seat).sort(), [0, 1, 2]);
    t.equal(new Set(entries.map(({ sequence }) => sequence)).size, 3);
  });

  await t.test("one request that is sent fifty times is one booking", async (t) => {
    for (const [i, idempotencyKey] of ["k1", null].entries()) {
      const request = requestOf("repeated", 1, { idempotencyKey, ...at(nine + i * halfHour) });
      const outcomes = await runAll((process) => ({
        task: "book",
        requests: many(process < 2 ? 13 : 12, () => request),
      }));
      t.equal(outcomes.flat().length, 50);
      t.equal(new Set(outcomes.flat()).size, 1, `with ${idempotencyKey ?? "no"} key`);
    }
  });

  await t.test("a person with room for five bookings gets five of twenty", async (t) => {
    const outcomes = await runAll((process) => ({
      ...{ task: "hold", maxOpenBookings: 5 },
      requests: many(20 / processes, (i) => requestOf("limited", 1, at(nine + (5 * process + i) * halfHour))),
    }));
    t.strictSame(countOf(outcomes), { held: 5, too_many_open: 15 });
  });

  await t.test("a person who may change ten times an hour does so ten times", async (t) => {
    const outcomes = await runAll(() => ({ task: "change", phone: "+573001234567", times: 10 }));
    t.strictSame(countOf(outcomes), { counted: 10, too_many_changes: 30 });
  });
});

forEachDatabase(t, "four instances change and settle each booking once", async (t, database) => {
  const { runAll, ledger, confirmed } = await openMany(t, database);

  await t.test("of several moves of one booking, one is made", async (t) => {
    const bookingId = await confirmed(requestOf("luna", 1));
    for (let round = 1; round <= 5; round++) {
      const startOf = (process: number) => nine + (round * processes + process) * halfHour;
      const outcomes = await runAll((process) => ({
        ...{ task: "hold move", bookingId },
        to: requestOf("luna", 1, at(startOf(process))),
      }));
      t.strictSame(countOf(outcomes), { held: 1, in_progress: processes - 1 });
      const winner = outcomes.findIndex(([outcome]) => outcome === "held");
      t.strictSame(countOf(await runAll(() => ({ task: "complete move" }))), {
        moved: 1,
        none: processes - 1,
      });
      t.match(await ledger.find("luna", bookingId), at(startOf(winner)));
    }
    t.equal((await ledger.listInForce("luna", { start: 0, end: 2 * nine }, noEvents)).length, 1);
  });

  await t.test("what is left behind is taken over by one instance each", async (t) => {
    const count = 60;
    const cancelling: string[] = [];
    const inviting: string[] = [];
    const held: string[] = [];
    for (let i = 0; i < count; i++) {
      cancelling.push(await confirmed(requestOf("sol", i, at(nine + i * halfHour))));
      inviting.push(await confirmed(requestOf("sol", i, at(nine + (count + i) * halfHour)), "pending"));
      const hold = await ledger.hold(requestOf("sol", i, at(nine + (2 * count + i) * halfHour)), {
        ...{ until: nine, accountId: null, maxOpenBookings: null },
      });
      held.push(hold.id);
    }
    for (const id of cancelling) {
      const booking = await ledger.find("sol", id);
      if (booking !== undefined && isConfirmed(booking)) await ledger.beginCancelling(booking);
    }
    for (const [what, ids] of Object.entries({
      holds: held,
      cancellations: cancelling,
      invitations: inviting,
    })) {
      const taken = await runAll(() => ({ task: "take over", what: what as "holds" }));
      t.strictSame(taken.flat().sort(), ids.sort(), `${what}: each once`);
    }
  });
});
