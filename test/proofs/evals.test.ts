import { schedule } from "@cita/calendar-api";
import t from "tap";
import { badAgents } from "../../evals/agents/bad-agents.ts";
import { languages, loadEvals, toolNames } from "../../evals/conversation.ts";
import { errorCodes, findBadWords } from "../../evals/error-vocabulary.ts";
import { findFalsePromises, findHarms } from "../../evals/harms.ts";
import type { Look } from "../../evals/look.ts";
import { openWorld } from "../../evals/open-world.ts";
import { findDifferences, play } from "../../evals/play.ts";
import { playAll } from "../../evals/play-all.ts";
import { openStage } from "../../evals/scene.ts";

const evals = loadEvals();

/** The suite has each bad agent play a tenth of its conversations; `npm run evals` has it play all. */
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

t.test("good agents leave what they should, and bad ones do no harm and find back", async (t) => {
  const played = await playAll(await openWorld(t), evals, { every });
  for (const { conversation, agent, problems } of played) {
    t.strictSame(problems, [], `${conversation.id}, ${agent}`);
  }
  const names = new Set(played.map(({ agent }) => agent));
  t.strictSame(
    badAgents.map(({ name }) => name).filter((name) => !names.has(name)),
    [],
    "all had a turn",
  );
  const calls = played.flatMap((one) => one.calls);
  t.strictSame(
    toolNames.filter((name) => !calls.some(({ tool }) => tool === name)),
    [],
    "each tool is used",
  );
  t.strictSame(
    errorCodes.filter((code) => !calls.some((call) => call.code === code)),
    [],
    "each code is met",
  );
});

t.test("what goes wrong is seen", async (t) => {
  const stage = await openStage(await openWorld(t), evals.businesses);
  t.teardown(() => stage.close());
  const conversation = evals.conversations.find(({ id }) => id === "es-manana-a-las-diez");
  if (conversation === undefined) throw new Error("the conversation is gone");
  const elsewhere = conversation.leaves.map((booking) => ({
    ...booking,
    start: "2027-01-18T11:00:00-05:00",
  }));
  t.match((await play(stage, { ...conversation, leaves: elsewhere })).problems, [
    /^not booked/,
    /^booked, and/,
  ]);
  const [look, book] = conversation.calls;
  if (look === undefined || book === undefined) throw new Error("the script is another one");
  const lookOnly = { ...conversation, calls: [look] };
  t.match((await play(stage, lookOnly)).problems, [/^not booked/]);
  const unmet = { ...conversation, calls: [look, { ...book, gets: { weekday: "viernes" } }] };
  t.match((await play(stage, unmet)).problems, [/call 2: weekday should be "viernes", is "lunes"/]);
  const lost = { ...conversation, calls: [look, { ...book, args: { start_iso: "$1.slots.99.start" } }] };
  t.match((await play(stage, lost)).problems, [/it broke off: nothing is at \$1\.slots\.99/, /^not booked/]);
});

t.test("each harm is seen", async (t) => {
  const business = evals.businesses.yoga;
  const scheduled = schedule.parse(evals.businesses.yoga?.schedule);
  if (business === undefined) throw new Error("the business is gone");
  const at = Date.parse("2027-01-20T19:00:00-03:00");
  const hour = 3_600_000;
  const event = (id: string, start = at) => ({ id: `cita${id}`, start, end: start + hour, description: "" });
  const booking = (id: string, service = "clase", start = at) => ({
    booking_id: id,
    event_id: `cita${id}`,
    status: "confirmed" as const,
    start: new Date(start).toISOString(),
    end: new Date(start + hour).toISOString(),
    time_zone: business.time_zone,
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
  });
  const look = (changes: Partial<Look> = {}): Look => ({
    events: [event("1"), event("2")],
    bookings: [booking("1"), booking("2")],
    own: [],
    neighbour: "as it was",
    ...changes,
  });
  const harms = (changes: Partial<Look>, before = look()) =>
    findHarms({ ...before, own: changes.own ?? before.own }, look(changes), business, scheduled).join();

  t.equal(harms({}), "", "two places in the group");
  const three = { events: ["1", "2", "3"].map((id) => event(id)) };
  t.match(harms({ ...three, bookings: ["1", "2", "3"].map((id) => booking(id)) }), "shares its time");
  t.match(harms({ bookings: [booking("1"), booking("2", "particular")] }), "shares its time");
  t.match(harms({ own: [{ id: "x", start: at - hour, end: at + 1 }] }), "shares its time");
  t.match(harms({ events: [event("1")] }), /a booking at .* has no event/);
  t.match(harms({ bookings: [booking("1")] }), "is unknown to the ledger");
  t.match(harms({ events: [event("1", at + 1), event("2")] }), "is unknown to the ledger", "another time");
  for (const outside of [
    "2027-01-20T21:00:00-03:00",
    "2027-01-21T19:00:00-03:00",
    "2027-01-20T17:30:00-03:00",
  ]) {
    const start = Date.parse(outside);
    t.match(
      harms({ events: [event("1", start)], bookings: [booking("1", "clase", start)] }),
      "is outside the opening hours",
      outside,
    );
  }
  t.match(
    findHarms(look(), look(), { ...business, closed_dates: ["2027-01-20"] }, scheduled),
    [/is outside/, /is outside/],
    "a holiday",
  );
  t.match(harms({ neighbour: "otherwise" }), "another customer's");
  const moved = { ...look(), own: [{ id: "x", start: 0, end: 1 }] };
  t.match(findHarms(moved, look(), business, scheduled), ["the business's own events were changed"]);

  const answer = {
    booking_id: "1",
    status: "confirmed",
    start: "2027-01-20T19:00:00-03:00",
    weekday: "Wednesday",
    label: "Wednesday 20 January 2027, 19:00",
  };
  const promise = (changes: object, seen: Partial<Look> = {}) =>
    findFalsePromises({ ...answer, ...changes }, look(seen), "en").join();
  t.equal(promise({}), "");
  t.match(promise({ booking_id: "9" }), "isn't in the calendar");
  t.match(promise({}, { events: [] }), "isn't in the calendar");
  t.match(promise({}, { events: [event("1", at + hour)] }), "isn't in the calendar");
  t.match(promise({}, { bookings: [booking("1", "clase", at + hour)] }), "the ledger has another time");
  t.match(promise({ weekday: "Thursday" }), "is said to be");
  for (const label of [
    "Wednesday 20 January 2027, 22:00",
    "Wednesday 21 January 2027, 19:00",
    "miércoles 20 de enero de 2027, 19:00",
  ])
    t.match(promise({ label }), "is said to be");
  t.match(findFalsePromises(answer, look(), "pt"), [/is said to be/], "in another language");
  t.match(promise({ status: "cancelled" }), "still stands");
  t.equal(promise({ booking_id: "9", status: "cancelled" }), "");
  t.strictSame(findDifferences(look(), look().bookings.slice(1)).length, 1);
  t.strictSame(findDifferences(look(), [...look().bookings, booking("3")]).length, 1);
});

t.test("poor advice is seen", async (t) => {
  const good = {
    code: "slot_taken",
    message: "That time has just been taken.",
    next_step: "Offer the person the alternatives.",
    retryable: false,
    alternatives: [{}],
  };
  const words = (changes: object) => findBadWords({ error: { ...good, ...changes } }, "en").length;
  t.equal(words({}), 0);
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
    t.equal(words(poor), 1, JSON.stringify(poor));
  }
});
