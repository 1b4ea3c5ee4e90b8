import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { type Customer, openCustomer } from "../support/customer.ts";
import type { ProviderCalls } from "../support/provider-calls.ts";
import { createWorld } from "../support/world.ts";

const provider = testedProvider(import.meta.url);

const at = (time: string) => `2027-01-18T${time}:00-05:00`;

/** How long an answer is waited for. */
const timeoutMs = 700;
const holdMs = 5_000;
/** What a slow machine may take to sweep and to book. */
const slackMs = 20_000;

type Outcome = Awaited<ReturnType<Customer["call"]>>;

type Trouble = {
  tool: "book" | "reschedule_booking" | "cancel_booking";
  /** Arranges it for the next call of the tool. @param goDown from then on the provider answers 503 */
  arrange: (calls: ProviderCalls, goDown: () => Promise<unknown>) => unknown;
  /** Trying again gets it done all the same. */
  overcome?: true;
};

const nothing = async () => undefined;
const late = () => sleep(2 * timeoutMs);

/** Those that take their time are last: the first holds have to be there still when all have been met. */
const troubles: Record<string, Trouble> = {
  "the provider is down at the look at the event": {
    tool: "reschedule_booking",
    arrange: (_calls, goDown) => goDown(),
  },
  "the provider is down at the first reading": {
    tool: "reschedule_booking",
    arrange: (calls, goDown) => calls.after("get", goDown),
  },
  "the provider is down at the change": {
    tool: "reschedule_booking",
    arrange: (calls, goDown) => calls.after("list", goDown),
  },
  "the provider is down at the second reading": {
    tool: "reschedule_booking",
    arrange: (calls, goDown) => calls.after("patch", goDown),
  },
  "the change never arrives": {
    tool: "reschedule_booking",
    arrange: (calls) => calls.before("patch", nothing, { lost: true }),
    overcome: true,
  },
  "neither the change nor its repetition arrives": {
    tool: "reschedule_booking",
    arrange: (calls) => {
      for (const nth of [1, 2]) calls.before("patch", nothing, { nth, lost: true });
    },
  },
  "the change is done, and its answer is lost": {
    tool: "reschedule_booking",
    arrange: (calls) => calls.after("patch", nothing, { lost: true }),
    overcome: true,
  },
  "the change is done, its answer is lost, and the provider is down": {
    tool: "reschedule_booking",
    arrange: (calls, goDown) => calls.after("patch", goDown, { lost: true }),
  },
  "the provider is down at the removal": {
    tool: "cancel_booking",
    arrange: (_calls, goDown) => goDown(),
  },
  "the removal never arrives": {
    tool: "cancel_booking",
    arrange: (calls) => {
      for (const nth of [1, 2, 3]) calls.before("delete", nothing, { nth, lost: true });
    },
  },
  "the removal is done, and its answer is lost": {
    tool: "cancel_booking",
    arrange: (calls) => calls.after("delete", nothing, { lost: true }),
    overcome: true,
  },
  "the provider is down at a booking's first reading": {
    tool: "book",
    arrange: (_calls, goDown) => goDown(),
  },
  "the provider is down at the insert": {
    tool: "book",
    arrange: (calls, goDown) => calls.after("list", goDown),
  },
  "the provider is down at a booking's second reading": {
    tool: "book",
    arrange: (calls, goDown) => calls.after("insert", goDown),
  },
  "neither the insert nor its repetitions arrive": {
    tool: "book",
    arrange: (calls) => {
      for (const nth of [1, 2, 3]) calls.before("insert", nothing, { nth, lost: true });
    },
  },
  "the removal is done when nobody waits for it any more": {
    tool: "cancel_booking",
    arrange: (calls) => calls.before("delete", late),
    overcome: true,
  },
  "the change is done when nobody waits for it any more": {
    tool: "reschedule_booking",
    arrange: (calls) => calls.before("patch", late),
    overcome: true,
  },
  "the insert is done when nobody waits for it any more": {
    tool: "book",
    arrange: (calls) => {
      calls.before("insert", nothing, { lost: true });
      calls.before("insert", late, { nth: 2 });
    },
    overcome: true,
  },
};

type Case = {
  name: string;
  after: "repeated" | "left alone";
  tool: Trouble["tool"];
  args: object;
  customer: Customer;
  overcome: boolean;
  /** What was answered while the trouble lasted. */
  first: Outcome;
};

const world = await createWorld(t, {
  provider,
  clockRuns: true,
  requestTimeoutMs: timeoutMs,
  // What was given up is settled once all have been met: a call for one would count as another's.
  timing: { holdMs, sweepIntervalMs: 50, settleAgainMs: 12_000, beatIntervalMs: 200, missedBeats: 4 },
});
const { providerCalls } = world;
const goDown = () => world.fault("any", { status: 503 });

/** Each trouble is met twice: one agent repeats its call, and another wants the time where nobody does. */
const meetings = Object.entries(troubles).flatMap(([name, trouble]) =>
  (["repeated", "left alone"] as const).map((after) => ({ name, after, ...trouble })),
);
const cases: Case[] = [];
for (const [i, { name, after, tool, arrange, overcome = false }] of meetings.entries()) {
  const customer = await openCustomer(world, `customer-${i}`);
  const args = await argsFor(tool, customer);
  await arrange(providerCalls, goDown);
  const first = await customer.call(tool, args);
  await world.sandbox("DELETE", "faults");
  cases.push({ name, after, tool, args, customer, overcome, first });
}

/** What the tool is called with; what it is to change is booked for it. */
async function argsFor(tool: Trouble["tool"], { call }: Customer): Promise<object> {
  const booking = { start_iso: at("09:00"), attendee_name: "Ana" };
  if (tool === "book") return { ...booking, idempotency_key: "k1" };
  const { answer } = await call("book", booking);
  const { booking_id } = answer;
  return tool === "cancel_booking" ? { booking_id } : { booking_id, start_iso: at("10:00") };
}

/** By then what was begun has been settled, and the times that it doesn't take are free. */
const settledBy = performance.now() + 12_000 + slackMs;
const outcomes = await Promise.all(
  cases.map((one) =>
    one.after === "repeated" ? one.customer.call(one.tool, one.args) : bookWhatIsFree(one),
  ),
);

/** Somebody else wants the old or the new time, as soon as one of them is free. */
async function bookWhatIsFree({ tool, overcome, customer: { call } }: Case): Promise<Outcome> {
  // What comes late has come by then.
  await sleep(timeoutMs + 300);
  for (;;) {
    for (const time of tool === "book" && !overcome ? ["09:00"] : ["09:00", "10:00"]) {
      const outcome = await call("book", { start_iso: at(time), attendee_name: "Bea" });
      if (outcome.error?.code !== "slot_taken" || performance.now() > settledBy) return outcome;
    }
    await sleep(100);
  }
}

for (const [i, { name, after, tool, customer, overcome, first }] of cases.entries()) {
  t.test(`${name}, and the call is ${after}: nothing false is said, and all settles`, async (t) => {
    if (overcome) t.match(first, { error: undefined, answer: { booking_id: /./ } });
    else t.match(first, { answer: undefined, error: { code: "calendar_unavailable", retryable: true } });
    const { answer } = outcomes[i] ?? {};
    const events = await customer.events();
    t.strictSame(await customer.listed(), events);
    if (after === "left alone") {
      t.match(answer, { status: "confirmed" });
      const own = events.filter((event) => event.startsWith("Ana"));
      const free = own.includes("Ana · Cita 09:00") ? "10:00" : "09:00";
      t.strictSame(events, [...own, `Bea · Cita ${free}`]);
      t.ok(own.length === 1 || (own.length === 0 && tool !== "reschedule_booking"));
    } else if (tool === "cancel_booking") {
      t.match(answer, { status: "cancelled" });
      t.strictSame(events, []);
    } else {
      const time = tool === "book" ? "09:00" : "10:00";
      t.match(answer, { status: "confirmed", start: at(time) });
      t.strictSame(events, [`Ana · Cita ${time}`]);
    }
  });
}

testOtherProviders(import.meta.url);
