import t from "tap";
import {
  book,
  bookingsPath,
  callTool,
  type ListedBooking,
  mondayAt,
  readPage,
  readStarts,
} from "./support/admin-booking-calls.ts";
import { isRepeated, testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { setSchedule } from "./support/schedule.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const tuesday = "2027-01-19T10:00:00-05:00";

t.test("what was booked is listed whole, soonest first, each in its own zone", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  t.strictSame(await readPage(world), { bookings: [], next_cursor: null });
  const later = await book(world, tuesday, {
    attendee_phone: "+57 300 123 4567",
    attendee_email: "ana@example.com",
    notes: "First visit 💈",
  });
  await setSchedule(world, "luna", { time_zone: "Asia/Tokyo", add_meet_link: true });
  world.clock.now += 60_000;
  const sooner = await book(world, "2027-01-19T10:00:00+09:00", { attendee_name: "Bea" });
  const common = { status: "confirmed", service: "appointment", invitation: null, stranded: false };
  t.strictSame(await readPage(world), {
    bookings: [
      {
        booking_id: sooner.booking_id,
        ...common,
        start: "2027-01-19T10:00:00+09:00",
        end: "2027-01-19T10:30:00+09:00",
        time_zone: "Asia/Tokyo",
        attendee_name: "Bea",
        attendee_phone: null,
        attendee_phone_written: null,
        attendee_email: null,
        attendee_ref: null,
        notes: null,
        event_id: sooner.event_id,
        meet_link: sooner.meet_link ?? null,
        created_at: "2027-01-17T23:01:00.000Z",
        updated_at: "2027-01-17T23:01:00.000Z",
      },
      {
        booking_id: later.booking_id,
        ...common,
        start: tuesday,
        end: "2027-01-19T10:30:00-05:00",
        time_zone: "America/Bogota",
        attendee_name: "Ana Ruiz",
        attendee_phone: "+573001234567",
        attendee_phone_written: "+57 300 123 4567",
        attendee_email: "ana@example.com",
        attendee_ref: null,
        notes: "First visit 💈",
        event_id: later.event_id,
        meet_link: null,
        created_at: "2027-01-17T23:00:00.000Z",
        updated_at: "2027-01-17T23:00:00.000Z",
      },
    ],
    next_cursor: null,
  });
  if (provider.meetLinks !== null) t.match(sooner.meet_link, provider.meetLinks);
  const before = await readPage(world);
  await world.restart();
  t.strictSame(await readPage(world), before);
});

t.test("a booking that moves is shown where it is, and one that is cancelled as such", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id } = await book(world, mondayAt("10:00"));
  world.clock.now += 60_000;
  await callTool(world, "reschedule_booking", { booking_id, start_iso: mondayAt("15:00") });
  const moved = await readPage(world, { status: "all" });
  t.match(moved.bookings, [
    {
      booking_id,
      status: "confirmed",
      start: mondayAt("15:00"),
      end: mondayAt("15:30"),
      created_at: "2027-01-17T23:00:00.000Z",
      updated_at: "2027-01-17T23:01:00.000Z",
    },
  ]);
  t.equal(moved.bookings.length, 1);

  world.clock.now += 60_000;
  await callTool(world, "cancel_booking", { booking_id });
  t.strictSame(await readStarts(world), []);
  const cancelled = await readPage(world, { status: "cancelled" });
  t.strictSame(cancelled.bookings, [
    { ...moved.bookings[0], status: "cancelled", updated_at: "2027-01-17T23:02:00.000Z" },
  ]);

  await book(world, mondayAt("15:00"), { attendee_name: "Bea" });
  const all = await readPage(world, { status: "all" });
  t.strictSame(all.bookings.map(({ status }: ListedBooking) => status).sort(), ["cancelled", "confirmed"]);
});

t.test("neither holds, moves under way nor what came to nothing are shown", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const underWay: unknown[] = [];
  const recordStarts = async () => underWay.push(await readStarts(world, { status: "all" }));
  world.providerCalls.after("insert", recordStarts);
  const { booking_id } = await book(world, mondayAt("10:00"));
  world.providerCalls.after("patch", recordStarts);
  await callTool(world, "reschedule_booking", { booking_id, start_iso: mondayAt("11:00") });
  t.strictSame(underWay, [[], [mondayAt("10:00")]]);

  const [start, end] = [mondayAt("12:00"), mondayAt("13:00")];
  await (await world.ownerOf("luna")).insert({ start, end });
  for (const [tool, args] of Object.entries({
    book: { attendee_name: "Bea" },
    reschedule_booking: { booking_id },
  })) {
    t.match(await world.call("luna", tool, { start_iso: start, ...args }), { error: { code: "slot_taken" } });
  }
  t.strictSame(await readStarts(world, { status: "all" }), [mondayAt("11:00")]);
});

t.test("what a person does in the calendar itself shows once the calendar has been read", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { event_id } = await book(world, mondayAt("10:00"));
  world.clock.now += 1_000;
  await (await world.ownerOf("luna")).remove(event_id);
  await callTool(world, "get_available_slots", { date_iso: "2027-01-18" });
  t.match(await readPage(world, { status: "all" }), { bookings: [{ event_id, status: "cancelled" }] });
});

t.test("another customer's bookings are never shown, not by its cursor either", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await world.connected("sol");
  for (const time of ["09:00", "10:00"]) await book(world, mondayAt(time));
  await book(world, mondayAt("11:00"), { attendee_name: "Sol's own" }, "sol");
  t.strictSame(await readStarts(world, { status: "all" }), [mondayAt("09:00"), mondayAt("10:00")]);
  const { next_cursor: cursor } = await readPage(world, { limit: "1" });
  const ofSol = await readPage(world, { status: "all", cursor }, "sol");
  t.match(ofSol, { bookings: [{ attendee_name: "Sol's own" }], next_cursor: null });
  t.equal(ofSol.bookings.length, 1);
});

/** No calendar has a part in it. */
if (!isRepeated(provider)) {
  t.test("strangers, wrong keys and a calendar service that is down get the usual answers", async (t) => {
    const world = await createWorld(t, { provider });
    await world.connect("luna");
    for (const key of ["", "wrong", serviceKey]) {
      t.match(await world.api("GET", bookingsPath("luna"), undefined, key), {
        status: 401,
        body: { code: "unauthorized" },
      });
    }
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Bearer ${adminKey}` }]) {
      const response = await fetch(`${world.mcpUrl}/customers/luna/bookings`, { headers });
      t.match({ status: response.status, body: JSON.parse(await response.text()) }, { status: 401 });
    }
    t.match(await world.api("GET", bookingsPath("nobody")), {
      status: 404,
      body: { statusCode: 404, code: "unknown_customer" },
    });
    t.match(await world.api("GET", bookingsPath("no%20id")), {
      status: 400,
      body: { code: "invalid_request" },
    });
    t.strictSame(await readPage(world), { bookings: [], next_cursor: null }, "not connected yet");

    await world.stopMcpCalendar();
    const unavailable = { status: 502, body: { code: "calendar_service_unavailable" } };
    t.match(await world.connect("sol"), unavailable);
    t.match(await world.api("GET", bookingsPath("sol")), unavailable);
    await world.restart();
    t.strictSame(await readPage(world, {}, "sol"), { bookings: [], next_cursor: null }, "never given a link");
  });
}

t.test("bookings are shown while the calendar is out of reach, and after it was disconnected", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await book(world, mondayAt("10:00"));
  await world.fault("any", { status: 503 });
  t.strictSame(await readStarts(world), [mondayAt("10:00")]);
  await world.api("DELETE", "/v1/customer-calendars/luna");
  t.strictSame(await readStarts(world), [mondayAt("10:00")]);
});

testOtherProviders(import.meta.url);
