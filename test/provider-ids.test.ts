import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { defaultTiming } from "../apps/mcp-calendar/src/bookings/sweeper.ts";
import { openCustomer } from "./support/customer.ts";
import { createProviderWithOwnIds } from "./support/ids-of-its-own.ts";
import { createWorld } from "./support/world.ts";

const monday = (time: string) => `2027-01-18T${time}:00-05:00`;
const ana = { attendee_name: "Ana", attendee_email: "ana@example.com" };
const timing = { ...defaultTiming, sweepIntervalMs: 20, settleAgainMs: 0 };

async function open(t: Test) {
  const provider = createProviderWithOwnIds();
  const world = await createWorld(t, { timing, calendarOpeners: { google: provider.opener } });
  const customer = await openCustomer(world, "luna");
  const schedule = { invite_attendees: true, add_meet_link: true };
  const { status } = await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule);
  if (status !== 200) throw new Error("the schedule wasn't taken");
  return {
    ...{ world, provider, customer },
    book: (time: string) => customer.call("book", { start_iso: monday(time), ...ana }),
  };
}

t.test("a booking has the id that its provider gave the event, from the insert to the end", async (t) => {
  const { world, provider, customer, book } = await open(t);
  const { answer } = await book("10:00");
  t.match(answer, { status: "confirmed", event_id: "own-1" });
  t.equal(answer.meet_link, undefined, "the provider has none");
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings");
  t.match(body.bookings, [{ event_id: "own-1", invitation: "sent" }]);
  t.match(await book("10:00"), { answer: { booking_id: answer.booking_id } }, "the same request again");
  const { booking_id } = answer;
  const moved = await customer.call("reschedule_booking", { booking_id, start_iso: monday("11:00") });
  t.match(moved, { answer: { start: monday("11:00") } });

  await customer.owner.change(provider.toGoogleId("own-1"), { start: monday("14:00"), end: monday("14:30") });
  t.strictSame(await customer.listed(), ["Ana · Cita 14:00"], "what is done by hand is followed");
  t.match(await customer.call("cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
  t.strictSame(await customer.events(), []);
});

t.test("an event whose id was lost is found by our mark, and taken back", async (t) => {
  const { provider, customer, book } = await open(t);
  provider.loseNextInsert();
  t.match(await book("10:00"), { error: { code: "calendar_unavailable" } });
  t.match(provider.asked, [{ bookingId: /^[0-9a-f]{32}$/, eventId: null }]);
  t.strictSame(await customer.events(), []);
  t.match(await book("10:00"), { answer: { status: "confirmed", event_id: "own-2" } });
});

t.test("where that fails, the sweeper finds it so, and until then its time is taken", async (t) => {
  const { world, provider, customer, book } = await open(t);
  const removals = { method: "DELETE", path: "/calendar/v3", status: 503 };
  await world.sandbox("POST", "faults", removals);
  provider.loseNextInsert();
  t.match(await book("10:00"), { error: { code: "calendar_unavailable" } });
  t.equal((await customer.eventIds()).length, 1);
  const bea = { start_iso: monday("10:00"), attendee_name: "Bea" };
  t.match(await customer.call("book", bea), { error: { code: "slot_taken" } });
  await world.sandbox("DELETE", "faults");
  let outcome = await customer.call("book", bea);
  for (; outcome.error?.code === "slot_taken"; outcome = await customer.call("book", bea)) await sleep(20);
  t.match(outcome, { answer: { status: "confirmed" } });
  t.strictSame(await customer.events(), ["Bea · Cita 10:00"]);
});
