import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t, { type Test } from "tap";
import type { BookingError } from "../apps/mcp-calendar/src/bookings/booking-error.ts";
import type { Ledger } from "../apps/mcp-calendar/src/bookings/ledger/ledger.ts";
import { openLedger } from "../apps/mcp-calendar/src/bookings/ledger/open-ledger.ts";
import { type CallHeaders, callWith, makeKey, mondayAt } from "./support/attendee-calls.ts";
import { isRepeated, testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { openEvents } from "./support/open-events.ts";
import { forEachDatabase } from "./support/test-database.ts";
import { createWorld, type World } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const hour = 3_600_000;
const personOf = (i: number) => ({ "x-attendee-phone": `+57 300 123 ${4000 + i}` });

async function openLuna(t: Test, schedule: object = {}) {
  const world = await createWorld(t, {
    provider,
    variables: { MCP_HEADER_ONLY: "false", GOOGLE_USER_QUOTA: "100000", GOOGLE_PROJECT_QUOTA: "100000" },
  });
  await world.connected("luna");
  const put = await world.api("PUT", "/v1/customer-calendars/luna/schedule", {
    minimum_notice_minutes: 0,
    language: "en",
    ...schedule,
  });
  if (put.status !== 200) throw new Error(JSON.stringify(put));
  const [bot, owner] = [await makeKey(world, "luna", "attendee"), await makeKey(world, "luna")];
  return { world, bot, owner };
}

/** The start of a half hour, the days filled one after the other from Monday on. */
const startOf = (i: number) => mondayAt(i % 16, 18 + Math.floor(i / 16));

async function tryToBook(world: World, headers: CallHeaders, i: number, args: object = {}): Promise<string> {
  const request = { start_iso: startOf(i), attendee_name: "Ana", ...args };
  const { answer, error } = await callWith(world, headers, "book", request);
  return answer?.booking_id ?? error?.code ?? "refused";
}

async function tryToCancel(world: World, headers: CallHeaders, booking_id: string): Promise<string> {
  const { answer, error } = await callWith(world, headers, "cancel_booking", { booking_id });
  return answer?.status ?? error?.code ?? "refused";
}

async function stoppedEvents(world: World) {
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity");
  return body.activity.filter(({ kind }: { kind: string }) => kind === "cancellations_stopped");
}

t.test("a person has five appointments ahead at most, or as many as the schedule says", async (t) => {
  for (const [most, schedule] of [
    [5, {}],
    [2, { max_open_bookings_per_attendee: 2 }],
  ] as const) {
    const { world, bot, owner } = await openLuna(t, schedule);
    const asAna = { ...bot, ...personOf(1) };
    const ids: string[] = [];
    for (let i = 0; i < most; i++) ids.push(await tryToBook(world, asAna, i));
    t.match(ids, Array(most).fill(/^[0-9a-f]{32}$/));
    const refused = await callWith(world, asAna, "book", { start_iso: startOf(9), attendee_name: "Eva" });
    t.match(refused.error, { code: "limit_reached", retryable: false, next_step: /list_bookings/ });
    t.equal(await tryToBook(world, { ...owner, ...personOf(1) }, 9), "limit_reached", "under any key");
    t.match(
      await tryToBook(world, { ...bot, ...personOf(2) }, 9),
      /^[0-9a-f]{32}$/,
      "another person isn't meant",
    );
    t.match(
      await tryToBook(world, owner, 10, { attendee_phone: "+573001234001" }),
      /^[0-9a-f]{32}$/,
      "nor is the business itself",
    );
    t.equal(await tryToBook(world, asAna, 0), ids[0], "what is there already is answered again");
    await tryToCancel(world, asAna, ids[0] ?? "");
    await tryToCancel(world, owner, ids[1] ?? "");
    t.match(await tryToBook(world, asAna, 11), /^[0-9a-f]{32}$/, "a cancelled one makes room");
    world.clock.now = Date.parse(startOf(12));
    t.match(await tryToBook(world, asAna, 20), /^[0-9a-f]{32}$/, "and so does one that is over");
  }
});

t.test("of many at once no more than the limit are confirmed", async (t) => {
  const { world, bot } = await openLuna(t);
  const asAna = { ...bot, "x-attendee-ref": "tg:ana" };
  const outcomes = await Promise.all(Array.from({ length: 9 }, (_, i) => tryToBook(world, asAna, i)));
  t.equal(outcomes.filter((outcome) => outcome === "limit_reached").length, 4);
  t.equal(new Set(outcomes).size, 6);
  t.equal((await world.readEvents("luna@example.com")).length, 5, "nothing of the others was written");
});

t.test("a person changes ten things an hour; what comes to nothing doesn't count", async (t) => {
  const { world, bot, owner } = await openLuna(t);
  const asAna = { ...bot, ...personOf(1) };
  const move = async (headers: CallHeaders, booking_id: string, i: number) => {
    const { answer, error } = await callWith(world, headers, "reschedule_booking", {
      booking_id,
      start_iso: startOf(i),
    });
    return answer?.start ?? error?.code;
  };
  const id = await tryToBook(world, asAna, 0);
  for (let i = 0; i < 4; i++) t.equal(await tryToBook(world, asAna, 0), id, "the same request again");
  for (let i = 0; i < 4; i++) t.equal(await move(asAna, id, 0), startOf(0), "where it is already");
  for (let i = 0; i < 4; i++) t.equal(await tryToCancel(world, asAna, "f".repeat(32)), "booking_not_found");
  await tryToBook(world, owner, 2);
  for (let i = 0; i < 4; i++) t.equal(await tryToBook(world, asAna, 2), "slot_taken");
  for (let i = 0; i < 4; i++) t.equal(await tryToBook(world, asAna, 16 * 5), "outside_hours");
  for (let i = 3; i < 11; i++) t.equal(await move(asAna, id, i), startOf(i));
  t.equal(await tryToCancel(world, asAna, id), "cancelled", "the tenth");
  t.equal(await tryToCancel(world, asAna, id), "cancelled", "and again, which is none");
  const refused = await callWith(world, asAna, "book", { start_iso: startOf(0), attendee_name: "Ana" });
  t.match(refused.error, { code: "limit_reached", message: /last hour/ });
  const both = { ...asAna, "x-attendee-ref": "tg:ana" };
  t.equal(await tryToBook(world, both, 0), "limit_reached", "a further id of the person begins no new hour");
  t.match(await tryToBook(world, { ...bot, ...personOf(2) }, 0), /^[0-9a-f]{32}$/);
  t.match(await tryToBook(world, owner, 1, { attendee_phone: "+573001234001" }), /^[0-9a-f]{32}$/);

  await world.restart();
  world.clock.now += hour - 1;
  t.equal(await tryToBook(world, asAna, 12), "limit_reached", "a new process counts on");
  world.clock.now += 1;
  t.match(await tryToBook(world, asAna, 12), /^[0-9a-f]{32}$/);

  world.clock.now -= 3 * hour;
  t.match(await tryToBook(world, asAna, 13), /^[0-9a-f]{32}$/, "a clock that is set back holds nobody up");
});

t.test("many cancellations by persons are stopped and told to the admin; the business goes on", async (t) => {
  const { world, bot, owner } = await openLuna(t);
  const booked: { person: CallHeaders; id: string }[] = [];
  for (let i = 0; i < 36; i++) {
    const person = { ...(i % 2 === 0 ? bot : owner), ...personOf(i) };
    booked.push({ person, id: await tryToBook(world, person, i) });
  }
  t.match(booked, Array(36).fill({ id: /^[0-9a-f]{32}$/ }));
  const cancel = ({ person, id }: { person: CallHeaders; id: string }) => tryToCancel(world, person, id);
  const outcomes = await Promise.all(booked.slice(0, 34).map(cancel));
  t.equal(outcomes.filter((outcome) => outcome === "cancelled").length, 30, "also of many at once");
  t.equal(outcomes.filter((outcome) => outcome === "limit_reached").length, 4);
  const events = await stoppedEvents(world);
  t.match(events, [
    { customer_id: "luna", detail: { cancellations: 30, message: /business still cancels/ } },
  ]);
  t.equal(events.length, 1, "once an hour");
  const left = booked.filter((_, i) => outcomes[i] !== "cancelled");
  const [one] = left;
  if (one === undefined) throw new Error("none is left");
  t.match(await callWith(world, one.person, "list_bookings"), {
    answer: { bookings: [{ booking_id: one.id }] },
  });
  const moved = { booking_id: one.id, start_iso: startOf(70) };
  t.match(await callWith(world, one.person, "reschedule_booking", moved), { answer: { start: startOf(70) } });
  for (const { id } of left.slice(1)) t.equal(await tryToCancel(world, owner, id), "cancelled");
  world.clock.now += hour;
  t.equal(await cancel(one), "cancelled");
  t.equal((await stoppedEvents(world)).length, 1);
});

t.test(
  "who repeats a call that is being worked on changes one thing, also as the last of the hour",
  async (t) => {
    const { world, bot } = await openLuna(t);
    const asAna = { ...bot, ...personOf(1) };
    const counted = async () => (await sql`select 1 from attendee_changes`.execute(world.mcp.db)).rows.length;
    const ids = [await tryToBook(world, asAna, 0), await tryToBook(world, asAna, 1)];
    const [first = "", second = ""] = ids;
    const move = (i: number) =>
      callWith(world, asAna, "reschedule_booking", { booking_id: first, start_iso: startOf(i) });
    for (let i = 2; i < 8; i++) await move(i);
    t.equal(await counted(), 8);

    for (const call of ["get", "patch", "delete"] as const) await world.fault(call, { latency_ms: 200 });
    const nine = await Promise.all(Array.from({ length: 20 }, () => move(9)));
    t.strictSame([...new Set(nine.map(({ answer, error }) => answer?.start ?? error?.code))], [startOf(9)]);
    t.equal(await counted(), 9);
    const ten = await Promise.all(Array.from({ length: 20 }, () => tryToCancel(world, asAna, second)));
    t.strictSame([...new Set(ten)], ["cancelled"]);
    t.equal(await counted(), 10);
    t.match(await move(10), { error: { code: "limit_reached" } });
  },
);

t.test("a cancellation whose answer is lost counts, and once however often it is repeated", async (t) => {
  const { world, bot } = await openLuna(t);
  const asAna = { ...bot, ...personOf(1) };
  const counted = async () => (await sql`select 1 from attendee_changes`.execute(world.mcp.db)).rows.length;
  const id = await tryToBook(world, asAna, 0);
  await world.fault("delete", { drop: "answer" });
  t.match(await tryToCancel(world, asAna, id), /calendar_unavailable|cancelled/);
  t.match(await tryToCancel(world, asAna, id), /calendar_unavailable|cancelled/);
  await world.sandbox("DELETE", "faults");
  t.equal(await tryToCancel(world, asAna, id), "cancelled");
  t.equal(await counted(), 2);
});

t.test("who is known by two ids has no more appointments than others", async (t) => {
  const { world, bot } = await openLuna(t);
  const [phone, ref] = [personOf(1), { "x-attendee-ref": "CO.1" }];
  const book = (ids: CallHeaders, i: number) => tryToBook(world, { ...bot, ...ids }, i);
  for (let i = 0; i < 3; i++) t.match(await book(phone, i), /^[0-9a-f]{32}$/);
  for (let i = 3; i < 5; i++) t.match(await book(ref, i), /^[0-9a-f]{32}$/);
  const both = { ...phone, ...ref };
  t.equal(await book(both, 5), "limit_reached", "five by either");
  const { answer } = await callWith(world, { ...bot, ...both }, "list_bookings");
  t.equal(answer.bookings.length, 5);
});

/** No calendar has a part in these. */
if (!isRepeated(provider)) {
  forEachDatabase(t, "several processes count together", async (t, database) => {
    const ledgers: Ledger[] = [];
    for (let i = 0; i < 3; i++) {
      const db = database.open();
      // Clocks of processes differ a little.
      ledgers.push(
        await openLedger({ db, events: await openEvents(db), now: () => 1_800_000_000_000 + i * 200 }),
      );
    }
    const change = (i: number, phone: string, kind: "move" | "cancel") =>
      ledgers[i % 3]?.beginChange("luna", { phone, ref: null }, { kind }).then(
        () => "begun",
        (error: BookingError) => error.code,
      );
    const count = (outcomes: unknown[], outcome: string) => outcomes.filter((one) => one === outcome).length;
    const ofOne = await Promise.all(Array.from({ length: 30 }, (_, i) => change(i, "+573001234567", "move")));
    t.equal(count(ofOne, "begun"), 10);
    t.equal(count(ofOne, "too_many_changes"), 20);
    const ofMany = await Promise.all(
      Array.from({ length: 60 }, (_, i) => change(i, `+57300000000${i}`, "cancel")),
    );
    t.equal(count(ofMany, "begun"), 30);
    t.equal(count(ofMany, "cancellations_stopped"), 30);
  });

  t.test("what was counted is forgotten when it counts no more", async (t) => {
    const world = await createWorld(t, { purging: { firstWithinMs: 10, intervalMs: 20 } });
    await world.connected("luna");
    const asAna = { "x-customer-id": "luna", ...personOf(1) };
    t.match(await tryToBook(world, asAna, 0), /^[0-9a-f]{32}$/);
    const counted = async () => (await sql`select 1 from attendee_changes`.execute(world.mcp.db)).rows.length;
    t.equal(await counted(), 1);
    world.clock.now += 3 * hour;
    for (let i = 0; i < 100 && (await counted()) > 0; i++) await sleep(20);
    t.equal(await counted(), 0);
  });
}

testOtherProviders(import.meta.url);
