import t, { type Test } from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { openCustomer } from "../support/customer.ts";
import type { ProviderCall } from "../support/provider-calls.ts";
import { createWorld } from "../support/world.ts";

const provider = testedProvider(import.meta.url);

const at = (time: string) => `2027-01-18T${time}:00-05:00`;

const world = await createWorld(t, { provider, clockRuns: true });
const { providerCalls } = world;

let customers = 0;

/** A customer of its own. */
async function open() {
  const customer = await openCustomer(world, `customer-${++customers}`);
  const { call } = customer;
  return {
    ...customer,
    book: (time: string, attendee_name = "Ana") => call("book", { start_iso: at(time), attendee_name }),
    move: (booking_id: string, time: string) =>
      call("reschedule_booking", { booking_id, start_iso: at(time) }),
  };
}

const byHand = { summary: "By hand", start: at("10:15"), end: at("10:45") };

type Moment = [when: "before" | "after", call: ProviderCall];

const duringBooking: Record<string, Moment> = {
  "between hold and first reading": ["before", "list"],
  "between first reading and insert": ["before", "insert"],
  "between insert and second reading": ["after", "insert"],
};

/** What a refusal because of the event by hand has to say. */
function expectWayGiven(t: Test, { error }: Awaited<ReturnType<typeof world.call>>): void {
  t.match(error, { code: "slot_taken", retryable: false });
  const starts = error.alternatives.map(({ start }: { start: string }) => start.slice(11, 16));
  t.equal(starts.length, 3);
  t.notOk(starts.includes("10:00") || starts.includes("10:30"), `${starts} don't overlap the event`);
}

for (const [moment, [when, call]] of Object.entries(duringBooking)) {
  t.test(`an event that appears ${moment} of a booking wins`, async (t) => {
    const { owner, ...customer } = await open();
    let id = "";
    providerCalls[when](call, async () => {
      id = await owner.insert(byHand);
    });
    expectWayGiven(t, await customer.book("10:00"));
    t.strictSame(await customer.events(), ["By hand 10:15"]);
    t.strictSame(await customer.listed(), []);
    await owner.remove(id);
    t.match(await customer.book("10:00"), { answer: { status: "confirmed" } }, "nothing is left behind");
    t.strictSame(await customer.events(), ["Ana · Cita 10:00"]);
  });
}

const duringMove: Record<string, Moment> = {
  "between hold and look-up": ["before", "get"],
  "between look-up and first reading": ["before", "list"],
  "between first reading and change": ["before", "patch"],
  "between change and second reading": ["after", "patch"],
};

for (const [moment, [when, call]] of Object.entries(duringMove)) {
  t.test(`an event that appears ${moment} of a move wins, and the appointment stays`, async (t) => {
    const { owner, ...customer } = await open();
    const { answer } = await customer.book("09:00");
    let id = "";
    providerCalls[when](call, async () => {
      id = await owner.insert(byHand);
    });
    expectWayGiven(t, await customer.move(answer.booking_id, "10:00"));
    t.strictSame(await customer.events(), ["Ana · Cita 09:00", "By hand 10:15"]);
    t.strictSame(await customer.listed(), ["Ana · Cita 09:00"]);
    await owner.remove(id);
    t.match(await customer.move(answer.booking_id, "10:00"), { answer: { start: at("10:00") } });
    t.strictSame(await customer.events(), ["Ana · Cita 10:00"]);
    t.match(await customer.book("09:00", "Bea"), { answer: { status: "confirmed" } });
  });
}

t.test("an event that appears in the time kept free around an appointment wins as well", async (t) => {
  const customer = await open();
  const service = { id: "cut", name: "Cita", duration_minutes: 30, buffer_after_minutes: 30 };
  const path = `/v1/customer-calendars/${customer.name}/schedule`;
  t.equal((await world.api("PUT", path, { services: [service] })).status, 200);
  providerCalls.after("insert", () =>
    customer.owner.insert({ ...byHand, start: at("10:45"), end: at("11:00") }),
  );
  t.match(await customer.book("10:00"), { error: { code: "slot_taken" } });
  t.strictSame(await customer.events(), ["By hand 10:45"]);
});

t.test("a title that is changed just before the event is moved stays", async (t) => {
  const { owner, ...customer } = await open();
  const { answer } = await customer.book("09:00");
  providerCalls.take();
  providerCalls.before("patch", () => owner.change(answer.event_id, { summary: "VIP" }));
  const moved = await customer.move(answer.booking_id, "10:00");
  t.match(moved, { answer: { status: "confirmed", start: at("10:00"), booking_id: answer.booking_id } });
  t.strictSame(providerCalls.take(), ["get", "list", "patch", "get", "patch", "list"]);
  t.strictSame(await customer.events(), ["VIP 10:00"]);
  t.strictSame(await customer.listed(), ["Ana · Cita 10:00"]);
});

t.test("an event that somebody keeps changing isn't moved, and may be later", async (t) => {
  const { owner, ...customer } = await open();
  const { answer } = await customer.book("09:00");
  for (const nth of [1, 2, 3]) {
    providerCalls.before("patch", () => owner.change(answer.event_id, { summary: `VIP ${nth}` }), { nth });
  }
  t.match(await customer.move(answer.booking_id, "10:00"), { error: { code: "calendar_unavailable" } });
  t.strictSame(await customer.events(), ["VIP 3 09:00"]);
  t.match(await customer.move(answer.booking_id, "10:00"), { answer: { start: at("10:00") } });
  t.strictSame(await customer.events(), ["VIP 3 10:00"]);
});

/** When a person does something to the event, seen from a move of it. */
const interventions: Record<string, Moment | undefined> = {
  "before a move": undefined,
  "during the first reading of a move": ["before", "list"],
  "just before a move's change": ["before", "patch"],
};

async function intervene(moment: Moment | undefined, act: () => Promise<void>): Promise<void> {
  if (moment === undefined) return act();
  const [when, call] = moment;
  providerCalls[when](call, act);
}

for (const [name, moment] of Object.entries(interventions)) {
  t.test(`an event that was moved by hand ${name}: the agent is told, and the ledger follows`, async (t) => {
    const { owner, ...customer } = await open();
    const { answer } = await customer.book("09:00");
    const { booking_id, event_id } = answer;
    await intervene(moment, () => owner.change(event_id, { start: at("14:00"), end: at("14:30") }));
    t.match(await customer.move(booking_id, "10:00"), {
      error: {
        code: "booking_not_found",
        message: /movió esta cita: ahora es el lunes 18 de enero de 2027, 14:00/,
        booking_id,
        now_at: { start: at("14:00"), weekday: "lunes" },
      },
    });
    t.strictSame(await customer.events(), ["Ana · Cita 14:00"]);
    t.strictSame(await customer.listed(), ["Ana · Cita 14:00"]);
    for (const time of ["09:00", "10:00"]) {
      t.match(await customer.book(time, "Bea"), { answer: { status: "confirmed" } }, `${time} is free`);
    }
    t.match(await customer.book("14:00", "Bea"), { error: { code: "slot_taken" } });
    t.match(await customer.move(booking_id, "11:00"), { answer: { start: at("11:00") } }, "if still wanted");
  });

  t.test(
    `an event that was deleted by hand ${name}: the agent is told, and the ledger follows`,
    async (t) => {
      const { owner, ...customer } = await open();
      const { answer } = await customer.book("09:00");
      await intervene(moment, () => owner.remove(answer.event_id));
      const { error } = await customer.move(answer.booking_id, "10:00");
      t.match(error, { code: "booking_not_found", message: /después se canceló o se borró/ });
      t.strictSame(await customer.events(), []);
      t.strictSame(await customer.listed(), []);
      for (const time of ["09:00", "10:00"]) {
        t.match(await customer.book(time, "Bea"), { answer: { status: "confirmed" } }, `${time} is free`);
      }
      t.match(await customer.call("cancel_booking", { booking_id: answer.booking_id }), {
        answer: { status: "cancelled" },
      });
      t.equal((await customer.events()).length, 2, "nothing of others is touched");
    },
  );
}

t.test(
  "an event that is deleted by hand between its insert and the second reading isn't booked",
  async (t) => {
    const { owner, ...customer } = await open();
    providerCalls.after("insert", async () => {
      for (const id of await customer.eventIds()) await owner.remove(id);
    });
    t.match(await customer.book("09:00"), { answer: undefined, error: { code: String } });
    t.strictSame(await customer.listed(), []);
    t.match(await customer.book("09:00"), { answer: { status: "confirmed" } });
    t.strictSame(await customer.events(), ["Ana · Cita 09:00"]);
  },
);

t.test("an event that is deleted by hand between its change and the second reading is gone", async (t) => {
  const { owner, ...customer } = await open();
  const { answer } = await customer.book("09:00");
  providerCalls.after("patch", () => owner.remove(answer.event_id));
  t.match(await customer.move(answer.booking_id, "10:00"), { error: { code: "booking_not_found" } });
  t.strictSame(await customer.listed(), []);
  for (const time of ["09:00", "10:00"]) {
    t.match(await customer.book(time, "Bea"), { answer: { status: "confirmed" } }, `${time} is free`);
  }
});

t.test("an event that is moved by hand while a move ends is where the hand has put it", async (t) => {
  const { owner, ...customer } = await open();
  const { answer } = await customer.book("09:00");
  providerCalls.after("patch", () => owner.change(answer.event_id, { start: at("14:00"), end: at("14:30") }));
  t.match(await customer.move(answer.booking_id, "10:00"), {
    error: { code: "booking_not_found", now_at: { start: at("14:00") } },
  });
  t.strictSame(await customer.events(), ["Ana · Cita 14:00"]);
  t.strictSame(await customer.listed(), ["Ana · Cita 14:00"]);
  for (const time of ["09:00", "10:00"]) {
    t.match(await customer.book(time, "Bea"), { answer: { status: "confirmed" } }, `${time} is free`);
  }
});

t.test("a booking that is cancelled while a move of it ends is cancelled", async (t) => {
  const customer = await open();
  const { answer } = await customer.book("09:00");
  const { booking_id } = answer;
  const cancel = () => customer.call("cancel_booking", { booking_id });
  let cancelled: Awaited<ReturnType<typeof cancel>> | undefined;
  providerCalls.after(
    "list",
    async () => {
      cancelled = await cancel();
    },
    { nth: 2 },
  );
  t.match(await customer.move(booking_id, "10:00"), { error: { code: "booking_not_found" } });
  t.match(cancelled, { answer: { status: "cancelled", booking_id } });
  t.strictSame(await customer.events(), []);
  t.strictSame(await customer.listed(), []);
  for (const time of ["09:00", "10:00"]) {
    t.match(await customer.book(time, "Bea"), { answer: { status: "confirmed" } }, `${time} is free`);
  }
});

testOtherProviders(import.meta.url);
