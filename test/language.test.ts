import { type Language, languages } from "@cita/scheduling";
import t from "tap";
import { schedulePath, setSchedule } from "./support/schedule.ts";
import { createWorld, type World } from "./support/world.ts";

const monday = "2027-01-18T10:00:00-05:00";

const byWeekday: Record<string, Language> = { Sunday: "en", Monday: "en", domingo: "es", lunes: "es" };
/** `domingo` is both Spanish and Portuguese: their Saturdays' hours differ. */
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
    const { status, body } = await world.api("PUT", schedulePath("luna"), { language });
    t.match(
      { status, body },
      {
        status: 400,
        body: { code: "invalid_schedule", problems: ["language must be null or one of es, en, pt"] },
      },
    );
  }
  t.match(await world.api("GET", schedulePath("luna")), { status: 200, body: { language: "pt" } });
  await setSchedule(world, "luna", { language: null });
  t.match((await world.api("GET", schedulePath("luna"))).body, {
    language: null,
    services: [{ name: "Appointment" }],
  });
});

t.test(
  "events are written in the business's language, and keep the words they were written in",
  async (t) => {
    const world = await createWorld(t);
    const sent = {
      start_iso: monday,
      attendee_name: "Ana",
      attendee_phone: "+57 300 123 4567",
      notes: "Puerta azul",
      attendee_email: "ana@example.com",
    };
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

t.test("instructions are in the business's language, by initialize and by server/discover", async (t) => {
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
});

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
