import { type Language, languages } from "@cita/scheduling";
import t from "tap";
import { errorCodes } from "../evals/error-vocabulary.ts";
import { callWith, type Outcome } from "./support/attendee-calls.ts";
import { setSchedule } from "./support/schedule.ts";
import { createWorld, type World } from "./support/world.ts";

/** Clocks go forward on 14 March and back on 7 November 2027. */
const newYork = "America/New_York";
const monday = "2027-01-18T10:00:00-05:00";
const ana = { attendee_name: "Ana", attendee_phone: "+57 300 123 4567", notes: "Puerta azul" };

/** Calls every tool for each kind of answer that it gives, and for every error code at least once. */
async function collectAnswers(
  world: World,
  id: string,
  language: Language,
): Promise<Record<string, unknown>> {
  await setSchedule(world, id, {
    time_zone: newYork,
    language,
    date_overrides: [
      { date: "2027-01-19", windows: [] },
      { date: "2027-11-07", windows: [{ start: "00:00", end: "03:00" }] },
    ],
  });
  const call = (tool: string, args: object = {}) => world.call(id, tool, args);
  const slotsOn = (date_iso: string, extra = {}) => call("get_available_slots", { date_iso, ...extra });
  const book = (extra: object) => call("book", { start_iso: monday, ...ana, ...extra });
  const answers: Record<string, unknown> = {
    info: await call("get_business_info"),
    slots: await slotsOn("2027-01-18"),
    none: await slotsOn("2027-01-24"),
    many: await slotsOn("2027-01-18", { days: 31 }),
    clocksBack: await slotsOn("2027-11-07"),
    booked: await book({ idempotency_key: "k1" }),
    taken: await book({ attendee_name: "Bea", attendee_phone: "+57 300 765 4321" }),
    conflict: await book({ idempotency_key: "k1", attendee_name: "Bea" }),
    outside: await book({ start_iso: "2027-01-18T03:00:00-05:00" }),
    past: await book({ start_iso: "2026-01-19T10:00:00-05:00" }),
    far: await book({ start_iso: "2029-01-18T10:00:00-05:00" }),
    noTime: await book({ start_iso: "soon" }),
    skipped: await book({ start_iso: "2027-03-14T02:30:00" }),
    twice: await book({ start_iso: "2027-11-07T01:30:00" }),
    wrong: await call("book", { start_iso: monday, attendee_name: "", attendee_email: "no" }),
    wrongDay: await slotsOn("tomorrow"),
    otherService: await slotsOn("2027-01-18", { service: "massage" }),
    range: await call("list_bookings", { from: "2027-01-19", to: "2027-01-18" }),
    listed: await call("list_bookings"),
    unknown: await call("cancel_booking", { booking_id: "none" }),
  };
  const { booking_id, event_id } = (answers.booked as { answer: Record<string, string> }).answer;
  answers.moved = await call("reschedule_booking", { booking_id, start_iso: "2027-01-20T11:00:00-05:00" });
  world.clock.now += 1_000;
  await world.byHand(id, "PATCH", event_id, {
    start: { dateTime: "2027-01-21T15:00:00-05:00" },
    end: { dateTime: "2027-01-21T15:30:00-05:00" },
  });
  answers.movedByHand = await call("cancel_booking", { booking_id });
  answers.cancelled = await call("cancel_booking", { booking_id });
  answers.cancelledSince = await book({ idempotency_key: "k1" });
  for (const [name, fault] of Object.entries(faults)) {
    await world.sandbox("POST", "faults", { path: "/calendar/v3", ...fault });
    answers[name] = await slotsOn("2027-01-18");
    await world.sandbox("DELETE", "faults");
  }
  Object.assign(answers, await bookWithInvitations(world, id, language));
  answers.limited = await bookAsPersonWithEnough(world, id, language);
  return answers;
}

/** Whose invitation isn't sent yet, and whose is refused. */
async function bookWithInvitations(world: World, id: string, language: Language) {
  await setSchedule(world, id, { time_zone: newYork, language, invite_attendees: true });
  const outcomes: Record<string, unknown> = {};
  for (const [name, hour, fault] of [
    ["uninvited", "13", { status: 503 }],
    ["refusedInvitation", "14", { reason: "quotaExceeded" }],
  ] as const) {
    await world.fault("patch", fault);
    const start_iso = `2027-01-26T${hour}:00:00-05:00`;
    outcomes[name] = await world.call(id, "book", {
      ...{ start_iso, attendee_name: "Ana", attendee_email: "ana@example.com" },
    });
    await world.sandbox("DELETE", "faults");
  }
  return outcomes;
}

/** A person who has one appointment ahead, where nobody may have two. */
async function bookAsPersonWithEnough(world: World, id: string, language: Language): Promise<Outcome> {
  await setSchedule(world, id, { time_zone: newYork, language, max_open_bookings_per_attendee: 1 });
  const person = { "x-customer-id": id, "x-attendee-phone": "+12125550123" };
  const book = (start_iso: string) => callWith(world, person, "book", { start_iso, attendee_name: "Ana" });
  await book("2027-01-25T10:00:00-05:00");
  return book("2027-01-25T11:00:00-05:00");
}

const faults = {
  down: { status: 503 },
  overloaded: { status: 429 },
  refused: { reason: "accessNotConfigured" },
};

/** Members in no language: names and values of the interface, and what is for the model alone. */
const untranslated = new Set(
  "timezone now today start end from to service id status reason code next_step problems readings".split(" "),
);
const given = new Set(["booking_id", "event_id", "attendee_name", "attendee_phone", "connect_url"]);

/** Every text that is meant for a person, by its path. */
function textsOf(value: unknown, at = ""): [path: string, text: string][] {
  if (typeof value === "string") return [[at, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    untranslated.has(key) || given.has(key) ? [] : textsOf(member, `${at}.${key}`),
  );
}

const english =
  /\b(the|that|this|is|isn't|can't|closed|appointment|call again|for|details|[A-Z]?[a-z]+day|january|november)\b/i;

t.test("whatever a tool answers for a person is in the business's language, every code too", async (t) => {
  const world = await createWorld(t);
  const texts = new Map<Language, Map<string, string>>();
  const codes = new Set<string>();
  for (const language of languages) {
    const id = `luna-${language}`;
    await world.connected(id, { time_zone: newYork });
    const answers = await collectAnswers(world, id, language);
    await world.sandbox("POST", "revoke", { email: `${id}@example.com` });
    await world.sandbox("POST", "expire-access-tokens");
    answers.lost = await world.call(id, "get_available_slots", { date_iso: "2027-01-18" });
    await world.connect(`sol-${language}`);
    await setSchedule(world, `sol-${language}`, { language });
    answers.never = await world.call(`sol-${language}`, "get_business_info", {});
    for (const outcome of Object.values(answers)) {
      const { error } = outcome as { error?: { code: string } };
      if (error !== undefined) codes.add(error.code);
    }
    texts.set(language, new Map(textsOf(answers)));
  }
  t.strictSame([...codes].sort(), errorCodes.filter((code) => code !== "unknown_customer").sort());

  const inEnglish = texts.get("en") ?? new Map();
  t.match(Object.fromEntries(inEnglish), {
    ".slots.answer.slots.0.label": "Monday 18 January 2027, 09:00",
    ".clocksBack.answer.slots.2.label": "Sunday 7 November 2027, 01:00",
    ".info.answer.hours.5": "Saturday: closed",
    ".info.answer.services.0.name": "Appointment",
  });
  t.match(Object.fromEntries(texts.get("es") ?? []), {
    ".slots.answer.slots.0.label": "lunes 18 de enero de 2027, 09:00",
    ".clocksBack.answer.slots.2.label": "domingo 7 de noviembre de 2027, 01:00",
    ".clocksBack.answer.slots.4.label": "domingo 7 de noviembre de 2027, 01:00",
    ".info.answer.hours.5": "Sábado: cerrado",
    ".info.answer.exceptions.0": "martes 19 de enero de 2027: cerrado",
    ".info.answer.services.0.name": "Cita",
    ".otherService.error.services.0.name": "Cita",
    ".movedByHand.error.message": /jueves 21 de enero de 2027, 15:00\.$/,
  });
  t.match(Object.fromEntries(texts.get("pt") ?? []), {
    ".slots.answer.slots.0.label": "segunda-feira, 18 de janeiro de 2027, 09:00",
    ".clocksBack.answer.slots.2.label": "domingo, 7 de novembro de 2027, 01:00",
    ".info.answer.hours.5": "Sábado: fechado",
    ".info.answer.exceptions.0": "terça-feira, 19 de janeiro de 2027: fechado",
    ".info.answer.services.0.name": "Agendamento",
    ".taken.error.alternatives.0.weekday": "segunda-feira",
  });
  for (const language of ["es", "pt"] as const) {
    const translated = texts.get(language) ?? new Map();
    t.strictSame([...translated.keys()], [...inEnglish.keys()], `${language}: the same texts`);
    const leaks = [...translated].filter(
      ([path, text]) => english.test(text) || text === inEnglish.get(path),
    );
    t.strictSame(leaks, [], `${language}: nothing of it in English`);
  }
});

t.test("a list that is cut tells whole days, and says in the business's language how to go on", async (t) => {
  const world = await createWorld(t);
  await world.connected("salao", { time_zone: "America/Sao_Paulo" });
  const mornings = { start: "09:00", end: "12:00" };
  await setSchedule(world, "salao", {
    services: [
      { id: "aula", name: "Aula", duration_minutes: 30, capacity: 60 },
      { id: "vigilia", name: "Vigília", duration_minutes: 60, capacity: 60 },
    ],
    weekly_hours: { monday: [mornings, { start: "22:00", end: "02:00" }], tuesday: [mornings] },
  });
  const bookAt = (start_iso: string, service = "aula") =>
    world.call("salao", "book", { start_iso, service, attendee_name: "Ana" });
  await bookAt("2027-01-19T10:00:00-03:00");
  for (let i = 0; i < 50; i++) await bookAt("2027-01-18T10:00:00-03:00");
  for (let i = 0; i < 2; i++) await bookAt("2027-01-18T23:30:00-03:00", "vigilia");
  const { answer } = await world.call("salao", "list_bookings", {});
  t.match(answer, { truncated: true, more: "Para ver o restante, chame de novo com from 2027-01-19." });
  const ends = answer.bookings.map(({ end }: { end: string }) => end);
  t.equal(ends.length, 52);
  t.strictSame(ends.slice(50), ["2027-01-19T00:30:00-03:00", "2027-01-19T00:30:00-03:00"]);
  const onlyThatDay = await world.call("salao", "list_bookings", { to: "2027-01-18" });
  t.match(onlyThatDay.answer, { truncated: false });
  t.equal(onlyThatDay.answer.bookings.length, 52);
});

t.test("our own limit is answered in the business's language", async (t) => {
  const world = await createWorld(t, { variables: { MCP_CALLS_PER_MINUTE: "1" } });
  await world.connected("luna");
  await world.call("luna", "get_business_info", {});
  for (const tool of ["get_business_info", "no_such_tool"]) {
    const { error } = await world.call("luna", tool, {});
    t.match(error, {
      code: "rate_limited",
      message: /demasiadas solicitudes/,
      next_step: /^Wait \d+ seconds/,
    });
  }
});
