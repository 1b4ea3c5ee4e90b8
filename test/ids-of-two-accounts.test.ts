import t from "tap";
import { calendarProviders, testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { createWorld } from "./support/world.ts";

const provider = testedProvider(import.meta.url);
const monday = (time: string) => `2027-01-18T${time}:00-05:00`;

t.test(`events of two accounts may have the same id (${provider.name})`, async (t) => {
  const world = await createWorld(t, { provider });
  const schedule = { max_bookings_per_day: 3 };
  await world.connected("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule);
  const book = async (time: string, name: string) => {
    const { answer, error } = await world.call("luna", "book", {
      start_iso: monday(time),
      attendee_name: name,
    });
    if (error) throw new Error(JSON.stringify(error));
    return answer;
  };
  const before = await book("10:00", "Ana");
  await world.api("DELETE", "/v1/customer-calendars/luna");
  await world.sandbox("POST", "accounts", { email: "nueva@example.com", time_zone: "America/Bogota" });
  const { body } = await world.connect("luna", { any_account: true, renew: true });
  t.match(await world.consent(body.shareable_link, { account: "nueva@example.com" }), { status: 200 });

  const after = await book("11:00", "Bea");
  if (provider !== calendarProviders[0]) t.equal(after.event_id, before.event_id, "each account counts anew");
  const list = async () => {
    const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings");
    return body.bookings.map(({ start, stranded }: { start: string; stranded: boolean }) => [
      start.slice(11, 16),
      stranded,
    ]);
  };
  t.strictSame(await list(), [
    ["10:00", true],
    ["11:00", false],
  ]);
  const { answer: free } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  const starts = free.slots.map(({ start }: { start: string }) => start.slice(11, 16));
  t.notOk(starts.includes("10:00") || starts.includes("11:00"), "both times are taken");
  t.ok(starts.includes("12:00"));

  const owner = await world.signInOwner("nueva@example.com");
  await owner.change(after.event_id, { start: monday("14:00"), end: monday("14:30") });
  t.match(await world.call("luna", "list_bookings", {}), { answer: { bookings: Array } });
  t.strictSame(await list(), [
    ["10:00", true],
    ["14:00", false],
  ]);
  const { booking_id } = before;
  const moved = await world.call("luna", "reschedule_booking", { booking_id, start_iso: monday("15:00") });
  t.match(moved, { answer: { start: monday("15:00") } }, "the stranded one is written anew");
  const cancelled = await world.call("luna", "cancel_booking", { booking_id: after.booking_id });
  t.match(cancelled, { answer: { status: "cancelled" } });
  t.strictSame(
    (await world.readEvents("nueva@example.com")).map(({ start }) => new Date(start).toISOString()),
    ["2027-01-18T20:00:00.000Z"],
  );
});

t.test(`what is taken back after an exchange of accounts is nobody else's (${provider.name})`, async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const email = "nueva@example.com";
  const taken = [{ title: "Dentist", start: monday("16:00"), end: monday("17:00") }];
  const events = provider.toAccountEvents(taken);
  await world.sandbox("POST", "accounts", { email, time_zone: "America/Bogota", events });
  world.providerCalls.after("insert", async () => {
    const { body } = await world.connect("luna", { any_account: true });
    await world.consent(body.shareable_link, { account: email });
  });
  const request = { start_iso: monday("10:00"), attendee_name: "Ana" };
  t.match(await world.call("luna", "book", request), { error: { next_step: /\w/ } });
  t.match(await world.readEvents(email), [{ title: "Dentist" }]);
  t.match(await world.call("luna", "book", request), { answer: { status: "confirmed" } });
  t.equal((await world.readEvents(email)).length, 2);
});

testOtherProviders(import.meta.url);
