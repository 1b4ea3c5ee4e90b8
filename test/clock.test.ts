import t, { type Test } from "tap";
import { createGoogleCalls } from "./support/google-provider.ts";
import { startSandbox } from "./support/local-google.ts";
import { createWorld, sundayEvening } from "./support/world.ts";

const hour = 3_600_000;
const monday = { date_iso: "2027-01-18" };
const bookedAt = (time: string) => ({
  start_iso: `2027-01-18T${time}:00-05:00`,
  attendee_name: "Ana",
  idempotency_key: time,
});

/** A Google whose clock is right, and a service whose clock is not. */
async function worldOff(t: Test, offMs: number) {
  const google = { now: sundayEvening };
  const world = await createWorld(t, {
    now: sundayEvening + offMs,
    startGoogle: () => startSandbox(t, createGoogleCalls(), { now: () => google.now }),
  });
  await world.connected("luna");
  return {
    ...world,
    google,
    slots: () => world.call("luna", "get_available_slots", monday),
    book: (time: string) => world.call("luna", "book", bookedAt(time)),
    /** Both clocks go on. */
    pass(ms: number) {
      google.now += ms;
      world.clock.now += ms;
    },
    async refreshes(): Promise<number> {
      const { by } = await world.sandbox("GET", "calls");
      await world.sandbox("DELETE", "calls");
      return by["POST /token"] ?? 0;
    },
    async standing(): Promise<number> {
      const { events } = await world.sandbox("GET", "events?email=luna@example.com");
      return events.filter(({ status }: { status: string }) => status !== "cancelled").length;
    },
    status: async () => (await world.api("GET", "/v1/customer-calendars/luna")).body.status,
  };
}

for (const [name, offMs] of [
  ["ahead of", hour],
  ["behind", -hour],
] as const) {
  t.test(`a clock that is an hour ${name} Google's loses nothing`, async (t) => {
    const world = await worldOff(t, offMs);
    await world.refreshes();
    t.match(await world.slots(), { answer: { slots: Array } });
    t.equal(await world.refreshes(), 0, "a fresh token is used as it is");
    world.pass(hour);
    t.match(await world.slots(), { answer: { slots: Array } });
    t.match(await world.slots(), { answer: { slots: Array } });
    t.equal(await world.refreshes(), 1, "one that has run out is renewed once");

    const { answer } = await world.book("09:00");
    t.match(answer, { status: "confirmed" });
    t.match(await world.book("09:00"), { answer: { booking_id: answer.booking_id } }, "the same request");
    t.match(await world.call("luna", "book", { ...bookedAt("09:00"), idempotency_key: "other" }), {
      error: { code: "slot_taken" },
    });
    t.equal(await world.standing(), 1);
    t.equal(await world.status(), "connected");
  });

  t.test(`a clock that becomes an hour ${name} what it was renews what it has to`, async (t) => {
    const world = await worldOff(t, 0);
    t.match(await world.book("09:00"), { answer: { status: "confirmed" } });
    world.clock.now += offMs;
    await world.refreshes();
    t.match(await world.slots(), { answer: { slots: Array } });
    t.equal(await world.refreshes(), offMs > 0 ? 1 : 0, "by the wrong clock it may have run out");
    // Set back, it takes what Google no longer takes for good: the answer to a call says so.
    world.google.now += hour;
    t.match(await world.slots(), { answer: { slots: Array } });
    t.equal(await world.refreshes(), 1);
    t.match(await world.book("10:00"), { answer: { status: "confirmed" } });
    t.equal(await world.standing(), 2);
    t.equal(await world.status(), "connected");
  });

  t.test(`a pause that Google asks for by the clock is kept by one an hour ${name} it`, async (t) => {
    const world = await worldOff(t, 0);
    // Nobody sets the clock that this is measured by: so it is Google's that is off.
    const googleTime = (ms: number) => new Date(Date.now() - offMs + ms).toUTCString();
    const headers = { date: googleTime(0), "retry-after": googleTime(1_000) };
    await world.sandbox("POST", "faults", { path: "/calendar", status: 429, times: 1, headers });
    const begun = performance.now();
    t.match(await world.slots(), { answer: { slots: Array } });
    t.ok(performance.now() - begun > 900, "neither at once nor in an hour");
  });
}

t.test("what is too soon follows our clock, as documented", async (t) => {
  const firstStart = async (offMs: number) => {
    const world = await worldOff(t, offMs);
    world.pass(Date.parse("2027-01-18T10:00:00-05:00") - sundayEvening);
    return (await world.slots()).answer.slots[0].start;
  };
  t.equal(await firstStart(0), "2027-01-18T11:00:00-05:00");
  t.equal(await firstStart(hour), "2027-01-18T12:00:00-05:00");
  t.equal(await firstStart(-hour), "2027-01-18T10:00:00-05:00");
});
