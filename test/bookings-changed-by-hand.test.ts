import { sql } from "kysely";
import t from "tap";
import { book, eleven, readEvents, readStarts, ten } from "./support/booking-calls.ts";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { setSchedule } from "./support/schedule.ts";
import { createWorld } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

t.test("what a person does to an event in the calendar is noticed at the next reading", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world);
  world.clock.now += 1_000;
  await (await world.ownerOf("luna")).change(event_id, {
    start: "2027-01-20T15:00:00-05:00",
    end: "2027-01-20T15:30:00-05:00",
  });
  t.ok((await readStarts(world)).includes(ten), "its old time is free");
  const { answer } = await world.call("luna", "list_bookings", {});
  t.match(answer.bookings, [{ booking_id, start: "2027-01-20T15:00:00-05:00", weekday: "miércoles" }]);
  t.notOk((await readStarts(world, { date_iso: "2027-01-20" })).includes("2027-01-20T15:00:00-05:00"));

  world.clock.now += 1_000;
  await (await world.ownerOf("luna")).remove(event_id);
  t.strictSame((await world.call("luna", "list_bookings", {})).answer.bookings, []);
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
});

t.test("a group stays within its places, also when the owner drags people together", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await setSchedule(world, "luna", {
    services: [{ id: "yoga", name: "Yoga", duration_minutes: 30, capacity: 2 }],
  });
  await book(world, { start_iso: ten, attendee_name: "Ana" });
  const { event_id } = await book(world, { start_iso: eleven, attendee_name: "Bea" });
  world.clock.now += 1_000;
  await (await world.ownerOf("luna")).change(event_id, { start: ten, end: "2027-01-18T10:30:00-05:00" });
  t.notOk((await readStarts(world)).includes(ten));
  t.match(await world.call("luna", "book", { start_iso: ten, attendee_name: "Eva" }), {
    error: { code: "slot_taken" },
  });
});

t.test("another account's calendar takes no appointment away, and one may still be cancelled", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id } = await book(world);
  const account = { email: "luna@example.com", time_zone: "America/Bogota", events: [] };
  await world.sandbox("POST", "accounts", account);
  world.clock.now += 3_000_000;
  t.notOk((await readStarts(world)).includes(ten));
  t.match((await world.call("luna", "list_bookings", {})).answer.bookings, [{ booking_id }]);
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
  t.ok((await readStarts(world)).includes(ten));
});

t.test("one answer that says not found is not believed", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id } = await book(world);
  await world.fault("delete", { ...provider.unknownEvent, times: 1 });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), {
    error: { code: "calendar_unavailable" },
  });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
  t.strictSame(await readEvents(world), []);
});

t.test("an appointment the owner put off can still be changed, once its new time was answered", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world);
  await (await world.ownerOf("luna")).change(event_id, {
    start: "2027-01-18T15:00:00-05:00",
    end: "2027-01-18T15:30:00-05:00",
  });
  world.clock.now = Date.parse(ten) - 60_000;
  await readStarts(world, { date_iso: "2027-02-01" });
  world.clock.now = Date.parse("2027-01-18T10:20:00-05:00");
  t.match(await world.call("luna", "cancel_booking", { booking_id }), {
    error: { code: "booking_not_found", now_at: { start: "2027-01-18T15:00:00-05:00" } },
  });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), {
    answer: { status: "cancelled", start: "2027-01-18T15:00:00-05:00", timezone: "America/Bogota" },
  });
});

t.test("marked as free by hand it still blocks its time; made all-day it blocks its day", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world);
  world.clock.now += 1_000;
  await (await world.ownerOf("luna")).change(event_id, { free: true });
  t.notOk((await readStarts(world)).includes(ten), "somebody still comes then");
  await (await world.ownerOf("luna")).change(event_id, { free: false, days: ["2027-01-20", "2027-01-21"] });
  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven }), {
    error: { now_at: { weekday: "miércoles", start: "2027-01-20T00:00:00-05:00" } },
  });
  t.equal((await readStarts(world)).length, 16, "Monday is free again");
  t.strictSame(await readStarts(world, { date_iso: "2027-01-20" }), []);
});

t.test("an appointment made into a series is left to the business", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world);
  await (await world.ownerOf("luna")).change(event_id, {
    start: ten,
    end: "2027-01-18T10:30:00-05:00",
    weekly: 3,
  });
  world.clock.now += 1_000;
  t.notOk((await readStarts(world)).includes(ten));
  t.notOk((await readStarts(world, { date_iso: "2027-01-25" })).includes("2027-01-25T10:00:00-05:00"));
  const changes = { cancel_booking: {}, reschedule_booking: { start_iso: eleven } };
  for (const [tool, args] of Object.entries(changes)) {
    t.match(await world.call("luna", tool, { booking_id, ...args }), { error: { message: /se repite/ } });
  }
});

t.test(
  "an event with another appointment's mark is left alone, whatever the ledger says of its id",
  async (t) => {
    const world = await createWorld(t, { provider });
    await world.connected("luna");
    const ana = await book(world, { start_iso: ten, attendee_name: "Ana" });
    const bea = await book(world, { start_iso: eleven, attendee_name: "Bea" });
    const before = await readEvents(world);
    const nameEvent = (booking_id: string, event_id: string) =>
      sql`update bookings set event_id = ${event_id} where id = ${booking_id}`.execute(world.mcp.db);
    await nameEvent(bea.booking_id, "elsewhere");
    await nameEvent(ana.booking_id, bea.event_id);
    world.clock.now += 120_000;
    await readStarts(world);
    const { booking_id } = ana;
    const list = async () => (await world.call("luna", "list_bookings", {})).answer.bookings;
    t.match(await list(), [{ booking_id, start: ten }, { start: eleven }], "nothing is followed");
    const move = { booking_id, start_iso: "2027-01-18T12:00:00-05:00" };
    t.match(await world.call("luna", "reschedule_booking", move), {
      error: { code: "calendar_unavailable" },
    });
    t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
    t.strictSame(await readEvents(world), before);
    t.match(await list(), [{ start: eleven }]);
  },
);

testOtherProviders(import.meta.url);
