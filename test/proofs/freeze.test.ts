import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { openAgreement } from "../support/agreement.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { type Frozen, type FrozenMoment, freezeDuring } from "../support/freeze-during.ts";
import type { GoogleCalls } from "../support/google-calls.ts";
import { createProcessWorld, type ToolOutcome } from "../support/process-world.ts";

/** Longer than any freeze: what was held is given up because its process is gone, not because its time is over. */
const holdMs = 60_000;
/** Slow enough for a machine that is busy: whoever misses five of them is taken for gone. */
const beatIntervalMs = 400;
/** What the ledger and the calendar may take to agree. */
const agreeMs = 15_000;
/** How long the process that is killed has been awake by then. */
const awakeMs = 150;

const monday = comingMonday();
const [oldTime, newTime] = [`${monday}T09:00:00-05:00`, `${monday}T10:00:00-05:00`];

type Tool = "book" | "reschedule_booking" | "cancel_booking";
type Step = Omit<FrozenMoment, "fate">;

const nothing = async () => undefined;

/** None of the attempts of the first such call gets an answer; Google gets them or doesn't. */
const unanswered =
  (call: "insert" | "list", done: boolean, from = 1) =>
  (calls: GoogleCalls) => {
    for (const nth of [from, from + 1, from + 2]) {
      if (done) calls.after(call, nothing, { nth, lost: true });
      else calls.before(call, nothing, { nth, lost: true });
    }
  };

const removalUnanswered = (calls: GoogleCalls) => calls.after("delete", nothing, { lost: true });
const changeUnanswered = (calls: GoogleCalls) => calls.after("patch", nothing, { lost: true });
const accessRunsOut = (method: string) => (_calls: GoogleCalls, customer: string) =>
  world.sandbox("POST", "faults", {
    ...{ method, path: "/calendar/v3", email: `${customer}@example.com` },
    ...{ status: 401, times: 1 },
  });

/** Every call to Google that a tool may make, and what leads there. */
const steps: Record<Tool, Record<string, Step>> = {
  book: {
    "the first reading": { call: "list" },
    "the insert": { call: "insert" },
    "the renewal of an access that the insert needs": { call: "token", trouble: accessRunsOut("POST") },
    "the repeated insert": {
      call: "insert",
      nth: 2,
      lostBefore: 1,
      trouble: (calls) => calls.before("insert", nothing, { lost: true }),
    },
    "the second reading": { call: "list", nth: 2 },
    "taking back an insert that was done": { call: "delete", trouble: unanswered("insert", true) },
    "taking back an insert that never came": { call: "delete", trouble: unanswered("insert", false) },
    "taking the id of an insert that never came": {
      call: "insert",
      nth: 4,
      lostBefore: 3,
      trouble: unanswered("insert", false),
    },
    "removing what took the id": { call: "delete", nth: 2, trouble: unanswered("insert", false) },
  },
  reschedule_booking: {
    "the look at the event": { call: "get" },
    "the first reading": { call: "list" },
    "the change": { call: "patch" },
    "the renewal of an access that the change needs": { call: "token", trouble: accessRunsOut("PATCH") },
    "the look after a change without answer": { call: "get", nth: 2, trouble: changeUnanswered },
    "the second reading": { call: "list", nth: 2 },
    "the look before moving back": { call: "get", nth: 2, trouble: unanswered("list", false, 2) },
    "moving back": { call: "patch", nth: 2, trouble: unanswered("list", false, 2) },
  },
  cancel_booking: {
    "the look at the event": { call: "get" },
    "the removal": { call: "delete" },
    "the renewal of an access that the removal needs": { call: "token", trouble: accessRunsOut("DELETE") },
    "the repeated removal": { call: "delete", nth: 2, trouble: removalUnanswered },
    "the look after the removal": { call: "get", nth: 2, trouble: removalUnanswered },
  },
};

const fates = ["lost", "late", "unheard"] as const;
const endings = ["goes on", "is killed"] as const;

type Case = Frozen & { name: string; ending: (typeof endings)[number]; tool: Tool };

const world = await createProcessWorld(t);
const start = () =>
  world.start("test/fixtures/hasty-calendar-service.ts", {
    HOLD_MS: `${holdMs}`,
    BEAT_INTERVAL_MS: `${beatIntervalMs}`,
    GOOGLE_PROJECT_QUOTA: "100000",
  });
const [goesOn, isKilled, other] = await Promise.all([start(), start(), start()]);
const agreement = openAgreement(world);
t.teardown(() => agreement.close());

async function prepare(tool: Tool, name: string, step: Step, fate: Frozen["moment"]["fate"]) {
  return Promise.all(
    endings.map(async (ending): Promise<Case> => {
      const customer = `${tool}-${Object.keys(steps[tool]).indexOf(name)}-${fate}-${ending === "goes on" ? "on" : "killed"}`;
      const service = ending === "goes on" ? goesOn : isKilled;
      await service.connect(customer);
      const moment = { ...step, fate };
      const title = `${tool} frozen at ${name}, which is ${fate}, and the process ${ending}`;
      const about = { name: title, ending, service, customer, tool, moment };
      const wish = { start_iso: oldTime, attendee_name: "Ana" };
      if (tool === "book") return { ...about, args: { ...wish, idempotency_key: "k1" } };
      const { answer } = await service.call(customer, "book", wish);
      const { booking_id } = answer;
      return { ...about, args: { booking_id, ...(tool === "reschedule_booking" && { start_iso: newTime }) } };
    }),
  );
}

t.setTimeout(60_000);
const tools = Object.entries(steps) as [Tool, Record<string, Step>][];
const cases: Case[] = [];
for (const [tool, ofTool] of tools) {
  await Promise.all(
    fates.map(async (fate) => {
      for (const [name, step] of Object.entries(ofTool))
        cases.push(...(await prepare(tool, name, step, fate)));
    }),
  );
}
const customers = cases.map(({ customer }) => customer);

const freeze = await freezeDuring(world.googleCalls, cases);
const settledMs = await agreement.untilSettled(agreeMs);

/** Somebody else wants the old or the new time, whichever is free. */
async function bookWhatIsFree(customer: string): Promise<ToolOutcome | undefined> {
  for (const start_iso of [oldTime, newTime]) {
    const outcome = await other.call(customer, "book", { start_iso, attendee_name: "Bea" });
    if (outcome.error === undefined) return outcome;
  }
  return undefined;
}

const beas = await Promise.all(customers.map(bookWhatIsFree));
await freeze.deliverLate();
goesOn.thaw();
isKilled.thaw();
await sleep(awakeMs);
await isKilled.end("SIGKILL");
const outcomes = await Promise.all(freeze.outcomes);
const agreed = await agreement.untilAgreed(customers, agreeMs);

t.test("what frozen processes held is settled, and ledger and calendar agree in the end", async (t) => {
  t.comment(`settled after ${settledMs} ms of freeze, agreed ${agreed.ms} ms after the end`);
  t.ok(settledMs < agreeMs);
  t.strictSame(agreed.differences, []);
  t.ok(beas.filter((bea) => bea !== undefined).length > cases.length / 2, "most times were free meanwhile");
});

for (const [i, { name, customer, tool, ending, args }] of cases.entries()) {
  t.test(name, async (t) => {
    const [ana, bea] = [outcomes[i], beas[i]];
    const events = await agreement.marked(customer);
    t.ok(
      events.every((event, n) => n === 0 || (events[n - 1]?.end ?? 0) <= event.start),
      "no two overlap",
    );
    const shown = events.map(({ id, bookingId, start, end }) => ({ id, bookingId, start, end }));
    const { answer: list } = await other.call(customer, "list_bookings", {});
    t.strictSame(list.bookings.map(timesOf), shown.map(timesOf));
    const page = await other.bookings(customer);
    t.strictSame(
      page.map(({ event_id, ...booking }) => ({ id: event_id, ...timesOf(booking) })),
      shown.map(({ id, ...event }) => ({ id, ...timesOf(event) })),
    );
    for (const outcome of [ana, bea]) {
      if (outcome?.error) t.match(outcome.error, { next_step: /\w/ });
      if (outcome?.answer?.status !== "confirmed") continue;
      const { booking_id, start } = outcome.answer;
      t.match(
        events.find(({ bookingId }) => bookingId === booking_id),
        { start: Date.parse(start) },
      );
    }
    if (ana?.answer?.status === "cancelled") {
      t.notOk(events.some(({ bookingId }) => "booking_id" in args && bookingId === args.booking_id));
    }
    t.equal(ana !== undefined || ending === "is killed", true, "who lives answers");
    if (tool !== "cancel_booking") t.ok(bea?.answer, "somebody else was confirmed meanwhile");
  });
}

function timesOf({ bookingId, booking_id = bookingId, start, end }: Times) {
  const at = (time: string | number) => (typeof time === "string" ? Date.parse(time) : time);
  return { booking_id, start: at(start), end: at(end) };
}

type Times = { bookingId?: string; booking_id?: string; start: string | number; end: string | number };
