import { schedule } from "@cita/calendar-api";
import t from "tap";
import { badAgents } from "../../evals/agents/bad-agents.ts";
import { languages, loadEvals, toolNames } from "../../evals/conversation.ts";
import { openEnvironment } from "../../evals/environment.ts";
import { errorCodes, findWordingProblems } from "../../evals/error-vocabulary.ts";
import { findDifferences } from "../../evals/expected-bookings.ts";
import { findFalseAnswers, findViolations } from "../../evals/invariants.ts";
import { replay } from "../../evals/replay.ts";
import { replayAll } from "../../evals/replay-all.ts";
import type { Snapshot } from "../../evals/snapshot.ts";
import { openWorld } from "../../evals/world.ts";

const evals = loadEvals();

/** Each bad agent replays a tenth of its conversations here, and all of them in `npm run evals`. */
const every = 10;

t.test("the conversations are many, in three languages, and each its own", async (t) => {
  const { conversations, businesses } = evals;
  t.ok(conversations.length >= 40);
  t.equal(new Set(conversations.map(({ id }) => id)).size, conversations.length);
  for (const language of languages) {
    t.ok(conversations.filter((one) => one.language === language).length >= 8, language);
  }
  for (const { id, business, language } of conversations) {
    t.ok(businesses[business] && id.startsWith(`${language}-`), id);
  }
});

t.test("good agents leave the expected bookings, and bad agents violate nothing and recover", async (t) => {
  const results = await replayAll(await openWorld(t), evals, { every });
  for (const { conversation, agent, problems } of results) {
    t.strictSame(problems, [], `${conversation.id}, ${agent}`);
  }
  const names = new Set(results.map(({ agent }) => agent));
  t.strictSame(
    badAgents.map(({ name }) => name).filter((name) => !names.has(name)),
    [],
    "each agent takes part",
  );
  const calls = results.flatMap((one) => one.calls);
  t.strictSame(
    toolNames.filter((name) => !calls.some(({ tool }) => tool === name)),
    [],
    "each tool is used",
  );
  t.strictSame(
    errorCodes.filter((code) => !calls.some((call) => call.code === code)),
    [],
    "each code occurs",
  );
});

t.test("what goes wrong is reported", async (t) => {
  const environment = await openEnvironment(await openWorld(t), evals.businesses);
  t.teardown(() => environment.close());
  const conversation = evals.conversations.find(({ id }) => id === "es-manana-a-las-diez");
  if (conversation === undefined) throw new Error("the conversation is gone");
  const elsewhere = conversation.leaves.map((booking) => ({
    ...booking,
    start: "2027-01-18T11:00:00-05:00",
  }));
  t.match((await replay(environment, { ...conversation, leaves: elsewhere })).problems, [
    /^not booked/,
    /^booked, and/,
  ]);
  const [askForSlots, book] = conversation.calls;
  if (askForSlots === undefined || book === undefined) throw new Error("the script is another one");
  const slotsOnly = { ...conversation, calls: [askForSlots] };
  t.match((await replay(environment, slotsOnly)).problems, [/^not booked/]);
  const unmet = { ...conversation, calls: [askForSlots, { ...book, gets: { weekday: "viernes" } }] };
  t.match((await replay(environment, unmet)).problems, [/call 2: weekday should be "viernes", is "lunes"/]);
  const lost = {
    ...conversation,
    calls: [askForSlots, { ...book, args: { start_iso: "$1.slots.99.start" } }],
  };
  t.match((await replay(environment, lost)).problems, [
    /it broke off: nothing is at \$1\.slots\.99/,
    /^not booked/,
  ]);
});

const wednesday = Date.parse("2027-01-20T19:00:00-03:00");
const hourMs = 3_600_000;

function yogaStudio() {
  const business = evals.businesses.yoga;
  if (business === undefined) throw new Error("the business is gone");
  return { business, schedule: schedule.parse(business.schedule) };
}

function createEvent(id: string, start = wednesday) {
  return { id: `cita${id}`, start, end: start + hourMs, description: "" };
}

function createBooking(id: string, service = "clase", start = wednesday) {
  return {
    booking_id: id,
    event_id: `cita${id}`,
    status: "confirmed" as const,
    start: new Date(start).toISOString(),
    end: new Date(start + hourMs).toISOString(),
    time_zone: yogaStudio().business.time_zone,
    service,
    attendee_name: "Ana",
    attendee_phone: null,
    attendee_phone_written: null,
    attendee_email: null,
    attendee_ref: null,
    notes: null,
    meet_link: null,
    invitation: null,
    stranded: false,
    created_at: "2027-01-17T23:00:00.000Z",
    updated_at: "2027-01-17T23:00:00.000Z",
  };
}

/** Two bookings of a group for two. */
function createSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    events: [createEvent("1"), createEvent("2")],
    bookings: [createBooking("1"), createBooking("2")],
    businessEvents: [],
    neighbour: "as it was",
    ...changes,
  };
}

t.test("each violation is found", async (t) => {
  const { business, schedule } = yogaStudio();
  const before = createSnapshot();
  const violations = (changes: Partial<Snapshot> = {}) => {
    const { businessEvents = before.businessEvents } = changes;
    return findViolations({ ...before, businessEvents }, createSnapshot(changes), business, schedule).join();
  };

  t.equal(violations({}), "", "two places in the group");
  const ids = ["1", "2", "3"];
  const three = { events: ids.map((id) => createEvent(id)), bookings: ids.map((id) => createBooking(id)) };
  t.match(violations(three), "shares its time");
  t.match(
    violations({ bookings: [createBooking("1"), createBooking("2", "particular")] }),
    "shares its time",
  );
  const overlapping = { id: "x", start: wednesday - hourMs, end: wednesday + 1 };
  t.match(violations({ businessEvents: [overlapping] }), "shares its time");
  t.match(violations({ events: [createEvent("1")] }), /a booking at .* has no event/);
  t.match(violations({ bookings: [createBooking("1")] }), "is unknown to the ledger");
  const late = [createEvent("1", wednesday + 1), createEvent("2")];
  t.match(violations({ events: late }), "is unknown to the ledger", "another time");
  for (const outside of [
    "2027-01-20T21:00:00-03:00",
    "2027-01-21T19:00:00-03:00",
    "2027-01-20T17:30:00-03:00",
  ]) {
    const start = Date.parse(outside);
    const changes = { events: [createEvent("1", start)], bookings: [createBooking("1", "clase", start)] };
    t.match(violations(changes), "is outside the opening hours", outside);
  }
  const closed = { ...business, closed_dates: ["2027-01-20"] };
  t.match(findViolations(before, before, closed, schedule), [/is outside/, /is outside/], "a holiday");
  t.match(violations({ neighbour: "otherwise" }), "another customer's");
  const moved = createSnapshot({ businessEvents: [{ id: "x", start: 0, end: 1 }] });
  t.match(findViolations(moved, before, business, schedule), ["the business's own events were changed"]);
});

t.test("each false answer is found", async (t) => {
  const answer = {
    booking_id: "1",
    status: "confirmed",
    start: "2027-01-20T19:00:00-03:00",
    weekday: "Wednesday",
    label: "Wednesday 20 January 2027, 19:00",
  };
  const problems = (changes: object, actual: Partial<Snapshot> = {}) =>
    findFalseAnswers({ ...answer, ...changes }, createSnapshot(actual), "en").join();
  t.equal(problems({}), "");
  t.match(problems({ booking_id: "9" }), "isn't in the calendar");
  t.match(problems({}, { events: [] }), "isn't in the calendar");
  t.match(problems({}, { events: [createEvent("1", wednesday + hourMs)] }), "isn't in the calendar");
  const later = createBooking("1", "clase", wednesday + hourMs);
  t.match(problems({}, { bookings: [later] }), "the ledger has another time");
  t.match(problems({ weekday: "Thursday" }), "is called");
  for (const label of [
    "Wednesday 20 January 2027, 22:00",
    "Wednesday 21 January 2027, 19:00",
    "miércoles 20 de enero de 2027, 19:00",
  ])
    t.match(problems({ label }), "is called");
  t.match(findFalseAnswers(answer, createSnapshot(), "pt"), [/is called/], "in another language");
  t.match(problems({ status: "cancelled" }), "is still there");
  t.equal(problems({ booking_id: "9", status: "cancelled" }), "");
});

t.test("each booking that is missing or unexpected is found", async (t) => {
  const snapshot = createSnapshot();
  t.strictSame(findDifferences(snapshot, snapshot.bookings), []);
  t.strictSame(findDifferences(snapshot, snapshot.bookings.slice(1)).length, 1);
  t.strictSame(findDifferences(snapshot, [...snapshot.bookings, createBooking("3")]).length, 1);
});

t.test("each problem in the text of an error is found", async (t) => {
  const good = {
    code: "slot_taken",
    message: "That time has just been taken.",
    next_step: "Offer the person the alternatives.",
    retryable: false,
    alternatives: [{}],
  };
  const problems = (changes: object) => findWordingProblems({ error: { ...good, ...changes } }, "en").length;
  t.equal(problems({}), 0);
  for (const poor of [
    { code: "oops" },
    { message: "" },
    { message: "Esa hora se acaba de ocupar." },
    { message: "Esse horário acabou de ser ocupado." },
    { message: "undefined is taken." },
    { next_step: undefined },
    { next_step: "Call find_slots again." },
    { retryable: undefined },
    { alternatives: [] },
    { hint: "http://localhost:60000/connect/abc" },
  ]) {
    t.equal(problems(poor), 1, JSON.stringify(poor));
  }
});
