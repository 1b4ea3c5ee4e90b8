import t from "tap";
import { createWorld } from "./support/world.ts";

// All tests of worlds run on PostgreSQL with TEST_DATABASE=postgres. This one is part of every run.

const at = (time: string) => `2027-01-18T${time}:00-05:00`;
const ana = { attendee_name: "Ana", attendee_phone: "+573001234567" };

t.test("a business is connected, booked, moved, cancelled, read and removed", async (t) => {
  const world = await createWorld(t, { engine: "postgres", followsEvents: true });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  const { answer: booked } = await world.call("luna", "book", { start_iso: at("09:00"), ...ana });
  t.match(booked, { status: "confirmed" });
  const { answer: again } = await world.call("luna", "book", { start_iso: at("09:00"), ...ana });
  t.equal(again.booking_id, booked.booking_id);
  const bea = { attendee_name: "Bea", attendee_phone: "+573007654321" };
  t.match(await world.call("luna", "book", { start_iso: at("09:00"), ...bea }), {
    error: { code: "slot_taken" },
  });
  t.match(await world.call("sol", "cancel_booking", { booking_id: booked.booking_id }), {
    error: { code: "booking_not_found" },
  });

  await world.restart();
  const { booking_id } = booked;
  const move = { booking_id, start_iso: at("10:00") };
  t.match((await world.call("luna", "reschedule_booking", move)).answer, { start: at("10:00") });
  t.match((await world.call("luna", "list_bookings", {})).answer.bookings, [
    { booking_id, start: at("10:00") },
  ]);
  t.match((await world.call("luna", "cancel_booking", { booking_id })).answer, { status: "cancelled" });
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity");
  const kinds = body.activity.map(({ kind }: { kind: string }) => kind);
  t.strictSame(kinds.slice(0, 3), ["cancelled", "rescheduled", "booked"]);

  t.match(await world.api("DELETE", "/v1/customers/luna"), {
    status: 200,
    body: { removed: { bookings: 2 } },
  });
  t.match(await world.call("luna", "list_bookings", {}), { error: { code: "unknown_customer" } });
  t.match((await world.call("sol", "list_bookings", {})).answer.bookings, []);
});
