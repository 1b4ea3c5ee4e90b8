import t from "tap";
import { errorCodes } from "../evals/error-vocabulary.ts";
import { callWith, type Outcome } from "./support/attendee-calls.ts";
import { createWorld, type World } from "./support/world.ts";

const languages = ["en", "es", "pt"] as const;
type Language = (typeof languages)[number];

const scheduleOf = (id: string) => `/v1/customer-calendars/${id}/schedule`;

async function setSchedule(world: World, id: string, schedule: object): Promise<void> {
  const { status, body } = await world.api("PUT", scheduleOf(id), schedule);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

/** Clocks go forward on 14 March and back on 7 November 2027. */
const newYork = "America/New_York";
const monday = "2027-01-18T10:00:00-05:00";
const ana = { attendee_name: "Ana", attendee_phone: "+57 300 123 4567", notes: "Puerta azul" };

/** Says of every tool all that it can say, and of every code at least one message. */
async function playAll(world: World, id: string, language: Language): Promise<Record<string, unknown>> {
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
  const said: Record<string, unknown> = {
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
  const { booking_id, event_id } = (said.booked as { answer: Record<string, string> }).answer;
  said.moved = await call("reschedule_booking", { booking_id, start_iso: "2027-01-20T11:00:00-05:00" });
  world.clock.now += 1_000;
  await world.byHand(id, "PATCH", event_id, {
    start: { dateTime: "2027-01-21T15:00:00-05:00" },
    end: { dateTime: "2027-01-21T15:30:00-05:00" },
  });
  said.movedByHand = await call("cancel_booking", { booking_id });
  said.cancelled = await call("cancel_booking", { booking_id });
  said.cancelledSince = await book({ idempotency_key: "k1" });
  for (const [name, fault] of Object.entries(faults)) {
    await world.sandbox("POST", "faults", { path: "/calendar/v3", ...fault });
    said[name] = await slotsOn("2027-01-18");
    await world.sandbox("DELETE", "faults");
  }
  said.limited = await bookAsPersonWithEnough(world, id, language);
  return said;
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

/** What is nobody's language: the names and values of the interface, and what is for the model alone. */
const wire = new Set(
  "timezone now today start end from to service id status reason code next_step problems readings".split(" "),
);
const given = new Set(["booking_id", "event_id", "attendee_name", "attendee_phone", "connect_url"]);

/** Every text that a person may be told, by where it stands. */
function textsOf(value: unknown, at = ""): [path: string, text: string][] {
  if (typeof value === "string") return [[at, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    wire.has(key) || given.has(key) ? [] : textsOf(member, `${at}.${key}`),
  );
}

const english =
  /\b(the|that|this|is|isn't|can't|closed|appointment|call again|for|details|[A-Z]?[a-z]+day|january|november)\b/i;

t.test("whatever a tool says to a person is in the business's language, every code too", async (t) => {
  const world = await createWorld(t);
  const told = new Map<Language, Map<string, string>>();
  const codes = new Set<string>();
  for (const language of languages) {
    const id = `luna-${language}`;
    await world.connected(id, { time_zone: newYork });
    const said = await playAll(world, id, language);
    await world.sandbox("POST", "revoke", { email: `${id}@example.com` });
    await world.sandbox("POST", "expire-access-tokens");
    said.lost = await world.call(id, "get_available_slots", { date_iso: "2027-01-18" });
    await world.connect(`sol-${language}`);
    await setSchedule(world, `sol-${language}`, { language });
    said.never = await world.call(`sol-${language}`, "get_business_info", {});
    for (const outcome of Object.values(said)) {
      const { error } = outcome as { error?: { code: string } };
      if (error !== undefined) codes.add(error.code);
    }
    told.set(language, new Map(textsOf(said)));
  }
  t.strictSame([...codes].sort(), errorCodes.filter((code) => code !== "unknown_customer").sort());

  const inEnglish = told.get("en") ?? new Map();
  t.match(Object.fromEntries(inEnglish), {
    ".slots.answer.slots.0.label": "Monday 18 January 2027, 09:00",
    ".clocksBack.answer.slots.2.label": "Sunday 7 November 2027, 01:00",
    ".info.answer.hours.5": "Saturday: closed",
    ".info.answer.services.0.name": "Appointment",
  });
  t.match(Object.fromEntries(told.get("es") ?? []), {
    ".slots.answer.slots.0.label": "lunes 18 de enero de 2027, 09:00",
    ".clocksBack.answer.slots.2.label": "domingo 7 de noviembre de 2027, 01:00",
    ".clocksBack.answer.slots.4.label": "domingo 7 de noviembre de 2027, 01:00",
    ".info.answer.hours.5": "Sábado: cerrado",
    ".info.answer.exceptions.0": "martes 19 de enero de 2027: cerrado",
    ".info.answer.services.0.name": "Cita",
    ".otherService.error.services.0.name": "Cita",
    ".movedByHand.error.message": /jueves 21 de enero de 2027, 15:00\.$/,
  });
  t.match(Object.fromEntries(told.get("pt") ?? []), {
    ".slots.answer.slots.0.label": "segunda-feira, 18 de janeiro de 2027, 09:00",
    ".clocksBack.answer.slots.2.label": "domingo, 7 de novembro de 2027, 01:00",
    ".info.answer.hours.5": "Sábado: fechado",
    ".info.answer.exceptions.0": "terça-feira, 19 de janeiro de 2027: fechado",
    ".info.answer.services.0.name": "Agendamento",
    ".taken.error.alternatives.0.weekday": "segunda-feira",
  });
  for (const language of ["es", "pt"] as const) {
    const texts = told.get(language) ?? new Map();
    t.strictSame([...texts.keys()], [...inEnglish.keys()], `${language}: the same is said`);
    const leaks = [...texts].filter(([path, text]) => english.test(text) || text === inEnglish.get(path));
    t.strictSame(leaks, [], `${language}: nothing of it in English`);
  }
});

t.test("a list that is cut says in the business's language how to go on", async (t) => {
  const world = await createWorld(t);
  await world.connected("salao", { time_zone: "America/Sao_Paulo" });
  const service = { id: "aula", name: "Aula", duration_minutes: 30, capacity: 60 };
  await setSchedule(world, "salao", { services: [service] });
  const bookAt = (start_iso: string) => world.call("salao", "book", { start_iso, attendee_name: "Ana" });
  await bookAt("2027-01-19T10:00:00-03:00");
  for (let i = 0; i < 50; i++) await bookAt("2027-01-18T10:00:00-03:00");
  const { answer } = await world.call("salao", "list_bookings", {});
  t.match(answer, { truncated: true, more: "Para ver o restante, chame de novo com from 2027-01-19." });
});

t.test("our own limit is told in the business's language", async (t) => {
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

const byWeekday: Record<string, Language> = { Sunday: "en", Monday: "en", domingo: "es", lunes: "es" };
/** `domingo` is both Spanish and Portuguese: their Saturdays' hours tell them apart. */
async function languageOf(world: World, id: string): Promise<Language | undefined> {
  const { answer } = await world.call(id, "get_business_info", {});
  return answer.hours[5].endsWith("fechado") ? "pt" : byWeekday[answer.weekday];
}

const spanish = `Europe/Madrid Atlantic/Canary Africa/Ceuta Europe/Andorra Africa/Malabo America/Bogota America/Mexico_City
  America/Tijuana America/Cancun Mexico/General America/Argentina/Buenos_Aires America/Argentina/Ushuaia
  America/Buenos_Aires America/Santiago Pacific/Easter Chile/Continental America/Lima America/Guayaquil
  Pacific/Galapagos America/La_Paz America/Asuncion America/Montevideo America/Caracas America/Panama
  America/Costa_Rica America/Managua America/Tegucigalpa America/El_Salvador America/Guatemala America/Havana
  America/Santo_Domingo America/Puerto_Rico America/Ciudad_Juarez America/Coyhaique`;
const portuguese = `America/Sao_Paulo America/Manaus America/Noronha America/Rio_Branco America/Fortaleza Brazil/East
  Europe/Lisbon Portugal Atlantic/Azores Atlantic/Madeira Atlantic/Cape_Verde Africa/Luanda Africa/Maputo
  Africa/Bissau Africa/Sao_Tome Asia/Dili`;
const others = `America/New_York America/Los_Angeles America/Cayman America/Belize America/Port-au-Prince America/Jamaica
  America/Guyana Europe/Gibraltar Europe/London Europe/Berlin Europe/Paris Africa/Lagos Africa/Harare Africa/Windhoek
  Asia/Macau Asia/Manila Africa/El_Aaiun UTC Pacific/Auckland America/Curacao America/Indiana/Indianapolis`;

t.test("without a language it is that of the time zone, else English", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const [expected, zones] of Object.entries({ es: spanish, pt: portuguese, en: others })) {
    for (const time_zone of zones.split(/\s+/)) {
      await setSchedule(world, "luna", { time_zone });
      t.equal(await languageOf(world, "luna"), expected, time_zone);
    }
  }
  await setSchedule(world, "luna", {});
  t.equal(await languageOf(world, "luna"), "es", "the calendar's own zone");
  await world.connected("lisboa", { time_zone: "Europe/Lisbon" });
  t.equal(await languageOf(world, "lisboa"), "pt");
});

t.test("the holidays' country goes before the zone, and the schedule's language before both", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const cases: [
    settings: { language?: Language; country?: string; time_zone: string },
    expected: Language,
  ][] = [
    [{ country: "ZW", time_zone: "Africa/Maputo" }, "en"],
    [{ country: "MZ", time_zone: "Africa/Maputo" }, "pt"],
    [{ country: "KY", time_zone: "America/Panama" }, "en"],
    [{ country: "PA", time_zone: "America/Panama" }, "es"],
    [{ country: "BR", time_zone: "America/Asuncion" }, "pt"],
    [{ country: "IC", time_zone: "Atlantic/Canary" }, "es"],
    [{ country: "PT", time_zone: "Europe/London" }, "pt"],
    [{ country: "AO", time_zone: "Africa/Lagos" }, "pt"],
    [{ country: "GQ", time_zone: "Africa/Lagos" }, "es"],
    [{ country: "US", time_zone: "America/Tijuana" }, "en"],
    [{ language: "es", country: "US", time_zone: "America/Los_Angeles" }, "es"],
    [{ language: "en", country: "CO", time_zone: "America/Bogota" }, "en"],
    [{ language: "pt", time_zone: "America/Bogota" }, "pt"],
  ];
  for (const [{ country = null, ...settings }, expected] of cases) {
    await setSchedule(world, "luna", { ...settings, holidays: { country } });
    t.equal(await languageOf(world, "luna"), expected, JSON.stringify({ country, ...settings }));
  }
});

t.test("an unknown language is named, and what is stored is shown", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  await setSchedule(world, "luna", { language: "pt" });
  for (const language of ["fr", "ES", "es-CO", "", 3, ["es"], {}]) {
    const { status, body } = await world.api("PUT", scheduleOf("luna"), { language });
    t.match(
      { status, body },
      {
        status: 400,
        body: { code: "invalid_schedule", problems: ["language must be null or one of es, en, pt"] },
      },
    );
  }
  t.match(await world.api("GET", scheduleOf("luna")), { status: 200, body: { language: "pt" } });
  await setSchedule(world, "luna", { language: null });
  t.match((await world.api("GET", scheduleOf("luna"))).body, {
    language: null,
    services: [{ name: "Appointment" }],
  });
});

t.test(
  "events are written in the business's language, and keep the words they were written in",
  async (t) => {
    const world = await createWorld(t);
    const sent = { start_iso: monday, ...ana, attendee_email: "ana@example.com" };
    const written: Record<Language, [title: string, description: RegExp]> = {
      en: ["Ana · Appointment", /^Phone: \+57.*\nE-mail: ana@.*\nNotes: Puerta azul\nBooked by Cita \(/],
      es: ["Ana · Cita", /^Teléfono: \+57.*\nCorreo: ana@.*\nNotas: Puerta azul\nAgendado por Cita \(/],
      pt: [
        "Ana · Agendamento",
        /^Telefone: \+57.*\nE-mail: ana@.*\nObservações: Puerta azul\nAgendado pela Cita \(/,
      ],
    };
    for (const language of languages) {
      await world.connected(language);
      await setSchedule(world, language, { language });
      const { answer } = await world.call(language, "book", sent);
      const eventOf = async () =>
        (await world.sandbox("GET", `events?email=${language}@example.com`)).events[0];
      const [summary, description] = written[language];
      t.match(await eventOf(), { summary, description });

      await setSchedule(world, language, { language: language === "es" ? "pt" : "es" });
      const args = { booking_id: answer.booking_id, start_iso: "2027-01-19T11:00:00-05:00" };
      t.match(await world.call(language, "reschedule_booking", args), {
        answer: { label: language === "es" ? /^terça-feira/ : /^martes/ },
      });
      t.match(await eventOf(), { summary, description, start: { dateTime: /^2027-01-19T11/ } });
    }
    await world.connected("named");
    await setSchedule(world, "named", {
      language: "pt",
      services: [{ id: "corte", name: "Appointment", duration_minutes: 30 }],
    });
    await world.call("named", "book", { start_iso: monday, attendee_name: "Ana" });
    const { events } = await world.sandbox("GET", "events?email=named@example.com");
    t.match(events, [{ summary: "Ana · Appointment" }], "a name that the business gave stays");
  },
);

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const info = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "a host", version: "1" },
};
const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: info };
const discover = { jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: envelope } };
const modern = { "mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover" };

t.test(
  "a host is told how to go about it in the business's language, by either era's greeting",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const today: Record<Language, string> = {
      en: "Today is Sunday 2027-01-17 there (time zone America/Bogota).",
      es: "Allí hoy es domingo 2027-01-17 (zona horaria America/Bogota).",
      pt: "Lá hoje é domingo 2027-01-17 (fuso horário America/Bogota).",
    };
    for (const language of languages) {
      await setSchedule(world, "luna", { language });
      const customer = { "x-customer-id": "luna" };
      for (const answer of [
        await world.rpc(initialize, customer),
        await world.rpc(discover, { ...modern, ...customer }),
      ]) {
        const { instructions } = answer.body.result;
        t.match(instructions, today[language]);
        for (const name of ["get_business_info", "get_available_slots", "book", "start_iso", "next_step"])
          t.match(instructions, name);
        if (language !== "en") t.notMatch(instructions, /\b(the|call|error message|until)\b/i);
      }
    }
  },
);

t.test("a calendar that can't be read, or was lost, keeps the language of its zone", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.call("luna", "get_business_info", {});
  const ask = () => world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 503 });
  t.match(await ask(), { error: { code: "calendar_unavailable", message: /^Ahora mismo no puedo/ } });
  t.match(await ask(), { error: { code: "calendar_unavailable", message: /^Ahora mismo no puedo/ } });
  await world.restart();
  t.match(await ask(), { error: { code: "calendar_unavailable", message: /^Ahora mismo no puedo/ } });
  await world.sandbox("DELETE", "faults");
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.sandbox("POST", "expire-access-tokens");
  await world.restart();
  t.match(await ask(), { error: { code: "reconnect_required", message: /conectar otra vez su calendario/ } });
});
