import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { openAgreement } from "../support/agreement.ts";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { type Frozen, type FrozenMoment, freezeDuring } from "../support/freeze-during.ts";
import { createProcessWorld, type ToolOutcome } from "../support/process-world.ts";
import type { ProviderCall, ProviderCalls } from "../support/provider-calls.ts";

const provider = testedProvider(import.meta.url);

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

const ana = "ana@example.com";

type Tool = "book" | "reschedule_booking" | "cancel_booking";
type Step = Omit<FrozenMoment, "fate"> & {
  /** The business has its attendees invited. */
  readonly invites?: true;
};

const nothing = async () => undefined;

/** None of the attempts of the first such call gets an answer; Google gets them or doesn't. */
const unanswered =
  (call: "insert" | "list", done: boolean, from = 1) =>
  (calls: ProviderCalls) => {
    for (const nth of [from, from + 1, from + 2]) {
      if (done) calls.after(call, nothing, { nth, lost: true });
      else calls.before(call, nothing, { nth, lost: true });
    }
  };

const removalUnanswered = (calls: ProviderCalls) => calls.after("delete", nothing, { lost: true });
const changeUnanswered = (calls: ProviderCalls) => calls.after("patch", nothing, { lost: true });
const accessRunsOut = (call: ProviderCall) => (_calls: ProviderCalls, customer: string) =>
  world.fault(call, { ...provider.tokenRefusal, email: `${customer}@example.com`, times: 1 });

/** Every call to the provider that a tool may make, and what leads there. */
const steps: Record<Tool, Record<string, Step>> = {
  book: {
    "the first reading": { call: "list" },
    "the insert": { call: "insert" },
    "the renewal of an access that the insert needs": { call: "token", trouble: accessRunsOut("insert") },
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
    "removing what took the id": {
      ...{ call: "delete", nth: provider.retiring.filter((call) => call === "delete").length },
      trouble: unanswered("insert", false),
    },
    "the fetch before the invitation": { call: "get", invites: true },
    "the invitation": { call: "patch", invites: true },
    "the renewal of an access that the invitation needs": {
      ...{ call: "token", invites: true },
      trouble: accessRunsOut("patch"),
    },
    "the fetch after an invitation without answer": {
      ...{ call: "get", nth: 2, invites: true },
      trouble: changeUnanswered,
    },
  },
  reschedule_booking: {
    "the fetch of the event": { call: "get" },
    "the first reading": { call: "list" },
    "the change": { call: "patch" },
    "the renewal of an access that the change needs": { call: "token", trouble: accessRunsOut("patch") },
    "the fetch after a change without answer": { call: "get", nth: 2, trouble: changeUnanswered },
    "the second reading": { call: "list", nth: 2 },
    "the fetch before moving back": { call: "get", nth: 2, trouble: unanswered("list", false, 2) },
    "moving back": { call: "patch", nth: 2, trouble: unanswered("list", false, 2) },
  },
  cancel_booking: {
    "the fetch of the event": { call: "get" },
    "the removal": { call: "delete" },
    "the renewal of an access that the removal needs": { call: "token", trouble: accessRunsOut("delete") },
    "the repeated removal": { call: "delete", nth: 2, trouble: removalUnanswered },
    "the fetch after the removal": { call: "get", nth: 2, trouble: removalUnanswered },
  },
};

const fates = ["lost", "late", "unheard"] as const;
const endings = ["goes on", "is killed"] as const;

type Fate = (typeof fates)[number];
type Ending = (typeof endings)[number];

type Case = Frozen & {
  name: string;
  ending: Ending;
  /** Whether its attendee is to be invited. */
  invites: boolean;
  /** What is to be moved or cancelled. */
  bookingId: string | undefined;
  /** Another call for the same booking, which is frozen as well. */
  also?: Frozen;
};

const world = await createProcessWorld(t, { provider });
const start = () =>
  world.start("test/fixtures/hasty-calendar-service.ts", {
    HOLD_MS: `${holdMs}`,
    BEAT_INTERVAL_MS: `${beatIntervalMs}`,
    GOOGLE_PROJECT_QUOTA: "100000",
  });
const [goesOn, isKilled, other] = await Promise.all([start(), start(), start()]);
const agreement = openAgreement(world);
t.teardown(() => agreement.close());

let casesMade = 0;

async function prepare(tool: Tool, name: string, step: Step, fate: Fate, ending: Ending): Promise<Case> {
  const service = ending === "goes on" ? goesOn : isKilled;
  const customer = `customer-${casesMade++}`;
  const { invites = false } = step;
  await service.connect(customer, invites ? { invite_attendees: true } : undefined);
  const title = `${tool} frozen at ${name}, which is ${fate}, and the process ${ending}`;
  const about = { name: title, ending, invites, service, tool, moment: { ...step, fate }, customer };
  const request = { start_iso: oldTime, attendee_name: "Ana", attendee_email: ana };
  if (tool === "book") {
    return { ...about, args: { ...request, idempotency_key: "k1" }, bookingId: undefined };
  }
  const { answer } = await service.call(customer, "book", request);
  const { booking_id } = answer;
  const args = { booking_id, ...(tool === "reschedule_booking" && { start_iso: newTime }) };
  return { ...about, args, bookingId: booking_id };
}

/** A move and a removal of one booking, both under way. */
async function prepareBoth(moveFate: Fate, removalFate: Fate, ending: Ending): Promise<Case> {
  const name = `the change, while a removal is ${removalFate}`;
  const move = await prepare("reschedule_booking", name, { call: "patch" }, moveFate, ending);
  const also = {
    ...{ service: move.service, customer: move.customer, tool: "cancel_booking" },
    ...{ args: { booking_id: move.bookingId }, moment: { call: "delete" as const, fate: removalFate } },
  };
  return { ...move, also };
}

t.setTimeout(120_000);
const tools = Object.entries(steps) as [Tool, Record<string, Step>][];
/** In a few rows side by side: all at once they would keep each other from being done in time. */
const rows = endings.flatMap((ending) =>
  fates.map(async (fate) => {
    const row: Case[] = [];
    for (const [tool, ofTool] of tools) {
      for (const [name, step] of Object.entries(ofTool)) {
        row.push(await prepare(tool, name, step, fate, ending));
      }
    }
    for (const removalFate of fates) row.push(await prepareBoth(fate, removalFate, ending));
    return row;
  }),
);
const cases = (await Promise.all(rows)).flat();
const customers = cases.map(({ customer }) => customer);

const frozenCalls = cases.flatMap((one) => (one.also === undefined ? [one] : [one, one.also]));
const freeze = await freezeDuring(world.providerCalls, frozenCalls);
const settledMs = await agreement.untilSettled(agreeMs);

/** Somebody else wants the old or the new time, whichever nobody has. */
async function bookWhatIsFree({ customer }: Case): Promise<ToolOutcome | undefined> {
  const taken = (await agreement.rows())
    .filter(({ status, customer_id }) => status === "confirmed" && customer_id === customer)
    .map(({ start_ms }) => start_ms);
  const start_iso = [oldTime, newTime].find((time) => !taken.includes(Date.parse(time)));
  if (start_iso === undefined) return undefined;
  return other.call(customer, "book", { start_iso, attendee_name: "Bea" });
}

const beas = await Promise.all(cases.map(bookWhatIsFree));
await freeze.deliverLate();
goesOn.thaw();
isKilled.thaw();
await sleep(awakeMs);
await isKilled.end("SIGKILL");
const outcomes = await Promise.all(freeze.outcomes);
const outcomeOf = (one: Frozen | undefined) => one && outcomes[frozenCalls.indexOf(one)];
const agreed = await agreement.untilAgreed(customers, agreeMs);

t.test("what frozen processes held is settled, and ledger and calendar agree in the end", async (t) => {
  t.comment(`settled after ${settledMs} ms of freeze, agreed ${agreed.ms} ms after the end`);
  t.ok(settledMs < agreeMs);
  t.strictSame(agreed.differences, []);
});

/** Waits for what the sweeper still has to do. */
async function mailsTo(customer: string): Promise<{ to: string; about: string }[]> {
  const isPending = async () =>
    (await other.bookings(customer)).some(({ invitation }) => invitation === "pending");
  for (const deadline = Date.now() + agreeMs; (await isPending()) && Date.now() < deadline; ) await sleep(50);
  return (await world.sandbox("GET", `mails?email=${customer}@example.com`)).mails;
}

t.test("whoever was to be invited is, once, and nobody else is mailed", async (t) => {
  for (const { name, customer, invites } of cases) {
    const mails = await mailsTo(customer);
    t.match(mails, invites ? [{ to: ana, about: "invitation" }] : [], name);
    t.equal(mails.length, invites ? 1 : 0, name);
  }
});

t.test("admin, agents and calendar see the same", async (t) => {
  for (const customer of customers) {
    const shown = (await agreement.marked(customer)).map(({ id, bookingId, start, end }) => ({
      ...{ id, bookingId, start, end },
    }));
    const { answer: list } = await other.call(customer, "list_bookings", {});
    t.strictSame(list.bookings.map(timesOf), shown.map(timesOf), customer);
    const page = await other.bookings(customer);
    t.strictSame(
      page.map(({ event_id, ...booking }) => ({ id: event_id, ...timesOf(booking) })),
      shown.map(({ id, ...event }) => ({ id, ...timesOf(event) })),
      customer,
    );
  }
});

for (const [i, one] of cases.entries()) {
  const { name, customer, ending, also, bookingId } = one;
  t.test(name, async (t) => {
    const [ana, bea, alsoAna] = [outcomeOf(one), beas[i], outcomeOf(also)];
    const events = await agreement.marked(customer);
    t.equal(new Set(events.map(({ start }) => start)).size, events.length, "none is doubled");
    t.match(bea, { answer: { status: "confirmed" } }, "somebody else was confirmed meanwhile");
    const isCancelled = [ana, alsoAna].some((outcome) => outcome?.answer?.status === "cancelled");
    if (isCancelled) t.notOk(events.some((event) => event.bookingId === bookingId));
    for (const outcome of [ana, alsoAna, bea]) {
      if (outcome?.error) t.match(outcome.error, { next_step: /\w/ });
      if (outcome?.answer?.status !== "confirmed") continue;
      const { booking_id, start } = outcome.answer;
      if (isCancelled && booking_id === bookingId) continue;
      t.match(
        events.find((event) => event.bookingId === booking_id),
        { start: Date.parse(start) },
      );
    }
    if (ending === "goes on") t.ok(ana !== undefined && (also === undefined || alsoAna !== undefined));
  });
}

function timesOf({ bookingId, booking_id = bookingId, start, end }: Times) {
  const at = (time: string | number) => (typeof time === "string" ? Date.parse(time) : time);
  return { booking_id, start: at(start), end: at(end) };
}

type Times = { bookingId?: string; booking_id?: string; start: string | number; end: string | number };

testOtherProviders(import.meta.url);
