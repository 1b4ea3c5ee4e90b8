import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { type CalendarProcess, createProcessWorld, type ToolOutcome } from "../support/process-world.ts";
import type { ProviderCall } from "../support/provider-calls.ts";

const provider = testedProvider(import.meta.url);

const monday = comingMonday();
const at = (time: string) => `${monday}T${time}:00-05:00`;

const world = await createProcessWorld(t, { provider });
/**
 * With all the time it takes: on a busy machine the crowd's requests wait longer than Google would be waited for, and a
 * process that computes for a second isn't to be taken for one that has stopped.
 */
const start = () =>
  world.start("test/fixtures/hasty-calendar-service.ts", { HOLD_MS: "60000", BEAT_INTERVAL_MS: "5000" });
/** Two processes that were started at the same moment over one database that wasn't there yet. */
const services = await Promise.all([start(), start()]);
const [one, two] = services;

/** All at once, half of them at each process. */
function crowd(
  size: number,
  ask: (service: CalendarProcess, agent: number) => Promise<ToolOutcome>,
): Promise<ToolOutcome[]> {
  return Promise.all(Array.from({ length: size }, (_, agent) => ask(agent % 2 ? two : one, agent)));
}

/** As the stand-in counts it. */
const nameOf = (call: ProviderCall) => `${provider.endpoints[call].method} ${provider.endpoints[call].path}`;

const answersOf = (outcomes: ToolOutcome[]) => outcomes.flatMap(({ answer }) => answer ?? []);

/** Those who got nothing: each is told that the time is taken, and of three that are free. */
function expectRefused(t: Test, outcomes: ToolOutcome[], taken: (start: string) => boolean): number {
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  const codes = new Set(errors.map(({ code }) => code));
  t.strictSame([...codes], ["slot_taken"]);
  const offered = errors.map(({ alternatives }) => alternatives.map(({ start }: { start: string }) => start));
  t.ok(
    offered.every((starts) => starts.length === 3 && !starts.some(taken)),
    "each is offered three other times",
  );
  return errors.length;
}

/** What was confirmed, what stands in the calendar and what both processes list are the same. */
async function expectAgreement(t: Test, customer: string, outcomes: ToolOutcome[]): Promise<void> {
  const confirmed = answersOf(outcomes);
  const events = await world.events(customer);
  t.strictSame(events.map(({ id }) => id).sort(), confirmed.map(({ event_id }) => event_id).sort());
  for (const service of services) {
    const { answer } = await service.call(customer, "list_bookings", {});
    t.strictSame(
      answer.bookings.map(({ start }: { start: string }) => Date.parse(start)),
      events.map(({ start }) => start),
    );
  }
}

t.test("500 agents want the same time: one gets it, and the provider is hardly asked", async (t) => {
  await one.connect("luna");
  await world.sandbox("DELETE", "calls");
  const outcomes = await crowd(500, (service, agent) =>
    service.call("luna", "book", { start_iso: at("10:00"), attendee_name: `Agent ${agent}` }),
  );
  const { by } = await world.sandbox("GET", "calls");
  t.match(answersOf(outcomes), [{ status: "confirmed", start: at("10:00") }]);
  t.equal(
    expectRefused(t, outcomes, (start) => start === at("10:00")),
    499,
  );
  await expectAgreement(t, "luna", outcomes);

  t.equal(by[nameOf("insert")], 1, "only the winner writes");
  t.ok(by[nameOf("list")] < 50, "reads are shared");
});

t.test("500 agents want overlapping times: what is confirmed doesn't overlap", async (t) => {
  const service = { id: "cut", name: "Cut", duration_minutes: 45 };
  await one.connect("sol", { services: [service], slot_interval_minutes: 15 });
  const wanted = ["10:00", "10:15", "10:30", "10:45", "11:00"];
  const outcomes = await crowd(500, (service, agent) => {
    const start_iso = at(wanted[agent % wanted.length] ?? "");
    return service.call("sol", "book", { start_iso, attendee_name: `Agent ${agent}` });
  });
  const confirmed = answersOf(outcomes).sort((a, b) => (a.start < b.start ? -1 : 1));
  t.ok(confirmed.length >= 1);
  t.ok(confirmed.every((booking, i) => i === 0 || confirmed[i - 1].end <= booking.start));
  const refused = expectRefused(t, outcomes, (start) => confirmed.some((booking) => start === booking.start));
  t.equal(refused, 500 - confirmed.length);
  await expectAgreement(t, "sol", outcomes);
});

t.test("100 agents want a time that has three places: three get it", async (t) => {
  const service = { id: "class", name: "Class", duration_minutes: 60, capacity: 3 };
  await one.connect("mar", { services: [service] });
  const outcomes = await crowd(100, (service, agent) =>
    service.call("mar", "book", { start_iso: at("10:00"), attendee_name: `Agent ${agent}` }),
  );
  t.equal(answersOf(outcomes).length, 3);
  t.equal(
    expectRefused(t, outcomes, (start) => start === at("10:00")),
    97,
  );
  await expectAgreement(t, "mar", outcomes);
});

t.test("a day that takes two bookings takes two, however many ask for its times", async (t) => {
  await one.connect("rio", { max_bookings_per_day: 2 });
  const outcomes = await crowd(64, (service, agent) => {
    const minutes = 9 * 60 + 30 * (agent % 16);
    const time = `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${minutes % 60 === 0 ? "00" : "30"}`;
    return service.call("rio", "book", { start_iso: at(time), attendee_name: `Agent ${agent}` });
  });
  const confirmed = answersOf(outcomes);
  t.equal(confirmed.length, 2);
  t.equal(
    expectRefused(t, outcomes, (start) => start.startsWith(monday) && confirmed.length === 2),
    62,
  );
  await expectAgreement(t, "rio", outcomes);
});

t.test("the same request fifty times is one booking and fifty equal answers", async (t) => {
  await one.connect("nube");
  const request = { start_iso: at("10:00"), attendee_name: "Ana", idempotency_key: "k1" };
  const outcomes = await crowd(50, (service) => service.call("nube", "book", request));
  const [first] = answersOf(outcomes);
  t.match(first, { status: "confirmed" });
  t.strictSame(outcomes, Array(50).fill({ error: undefined, answer: first }));
  await expectAgreement(t, "nube", [{ error: undefined, answer: first }]);
  for (const service of services) {
    const another = { ...request, attendee_name: "Bea" };
    t.match(await service.call("nube", "book", another), { error: { code: "idempotency_conflict" } });
  }
});

t.test("under one key two different requests at once are one booking and a conflict", async (t) => {
  await one.connect("flor");
  const outcomes = await crowd(50, (service, agent) => {
    const start_iso = at(agent < 25 ? "10:00" : "11:00");
    return service.call("flor", "book", { start_iso, attendee_name: "Ana", idempotency_key: "k1" });
  });
  const confirmed = answersOf(outcomes);
  const [first] = confirmed;
  t.strictSame(confirmed, Array(25).fill(first));
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  t.strictSame(
    errors.map(({ code }) => code),
    Array(25).fill("idempotency_conflict"),
  );
  await expectAgreement(t, "flor", [{ error: undefined, answer: first }]);
});

/** The one booking is where the calendar has it, by both processes; or nowhere. @returns its start. */
async function expectOneTruth(t: Test, customer: string, bookingId: string): Promise<string | undefined> {
  const events = await world.events(customer);
  t.ok(events.length <= 1);
  const lists = await Promise.all(services.map((service) => service.call(customer, "list_bookings", {})));
  const starts = lists.map(({ answer }) => {
    t.strictSame(
      answer.bookings.map(({ booking_id }: { booking_id: string }) => booking_id),
      events.map(() => bookingId),
    );
    return answer.bookings[0]?.start;
  });
  t.equal(starts[0], starts[1]);
  if (events[0] !== undefined) t.equal(Date.parse(starts[0]), events[0].start);
  return starts[0];
}

/** A move is four calls: with these the second agent comes in during each of them, and after. */
const slowly = { latency_ms: 15 };
const delays = [0, 10, 20, 30, 40, 55, 70, 90];

t.test("two that move the same booking at once end at one of the two times", async (t) => {
  await one.connect("lago");
  const { answer } = await one.call("lago", "book", { start_iso: at("09:00"), attendee_name: "Ana" });
  const { booking_id } = answer;
  await world.fault("any", slowly);
  for (const [round, delay] of delays.entries()) {
    const [first, second] = [at(round % 2 ? "10:00" : "11:00"), at(round % 2 ? "14:00" : "15:00")];
    const outcomes = await Promise.all([
      one.call("lago", "reschedule_booking", { booking_id, start_iso: first }),
      sleep(delay).then(() => two.call("lago", "reschedule_booking", { booking_id, start_iso: second })),
    ]);
    t.match(
      outcomes,
      [first, second].map((start) => ({ answer: { status: "confirmed", start } })),
      `${delay} ms apart both are moved, one after the other`,
    );
    const start = await expectOneTruth(t, "lago", booking_id);
    t.ok(start === first || start === second);
  }
  await world.sandbox("DELETE", "faults");
});

t.test("one that moves and one that cancels the same booking at once leave no doubt", async (t) => {
  await one.connect("rosa");
  await world.fault("any", slowly);
  for (const delay of delays) {
    const { answer } = await one.call("rosa", "book", { start_iso: at("09:00"), attendee_name: "Ana" });
    const { booking_id } = answer;
    const [moved, cancelled] = await Promise.all([
      one.call("rosa", "reschedule_booking", { booking_id, start_iso: at("10:00") }),
      sleep(delay).then(() => two.call("rosa", "cancel_booking", { booking_id })),
    ]);
    t.match(cancelled, { answer: { status: "cancelled" } }, `${delay} ms apart`);
    // Who meets the other in the middle may be told to ask again, and is then told how it stands.
    const isUnsure = moved.error?.code === "calendar_unavailable" && moved.error.retryable;
    const told = isUnsure
      ? await one.call("rosa", "reschedule_booking", { booking_id, start_iso: at("10:00") })
      : moved;
    t.match(told.error?.code ?? told.answer.status, /^(confirmed|booking_not_found)$/);
    t.equal(await expectOneTruth(t, "rosa", booking_id), undefined);
  }
  await world.sandbox("DELETE", "faults");
});

t.test(
  "one that asks for the old time while another moves the booking away gets it in the end",
  async (t) => {
    await one.connect("paz");
    const { answer } = await one.call("paz", "book", { start_iso: at("09:00"), attendee_name: "Ana" });
    const { booking_id } = answer;
    const move = (service: CalendarProcess, time: string) =>
      service.call("paz", "reschedule_booking", { booking_id, start_iso: at(time) });
    let asked: Promise<ToolOutcome> | undefined;
    world.providerCalls.after("patch", async () => {
      asked = move(two, "09:00");
      await sleep(200);
    });
    t.match(await move(one, "10:00"), { answer: { status: "confirmed", start: at("10:00") } });
    t.match(await asked, { answer: { status: "confirmed", start: at("09:00") } });
    t.equal(await expectOneTruth(t, "paz", booking_id), at("09:00"));
  },
);

testOtherProviders(import.meta.url);
