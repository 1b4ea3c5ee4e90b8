import t from "tap";
import { createBrowser } from "./support/browser.ts";
import { createWorld, type World } from "./support/world.ts";

const reading = { path: "/calendar/v3/", method: "GET" };

async function stateOf(world: World) {
  return (await world.api("GET", "/v1/customer-calendars/luna")).body;
}

async function consent(world: World, language = "en") {
  const { body } = await world.connect("luna");
  return world.consent(body.shareable_link, {}, createBrowser(undefined, language));
}

const connectedTitles = /is connected|está conectado|está conectada/;

const refusals: [reason: string, code: string, words: Record<string, RegExp>][] = [
  [
    "notACalendarUser",
    "calendar_missing",
    {
      en: /You gave the permission, but this Google account doesn&#39;t use Google Calendar\. Open calendar\.google\.com/,
      "es-CO":
        /Diste el permiso, pero esta cuenta de Google no usa Google Calendar\. Abre una vez calendar\.google\.com/,
      "pt-BR":
        /Você deu a permissão, mas esta conta do Google não usa o Google Agenda\. Abra calendar\.google\.com/,
    },
  ],
  [
    "domainPolicy",
    "calendar_blocked",
    {
      en: /administrator of your Google Workspace .* Ask your administrator/,
      es: /administrador de tu Google Workspace .* Pídele que permita/,
      pt: /administrador do seu Google Workspace .* Peça que ele permita/,
    },
  ],
  [
    "accessNotConfigured",
    "calendar_not_set_up",
    {
      en: /API isn&#39;t switched on .* tell whoever sent you the link/,
      es: /API de Google Calendar no está activada .* avisa a quien te envió el enlace/,
      pt: /API do Google Agenda não está ativada .* avise quem enviou o link/,
    },
  ],
  [
    "accountDisabled",
    "calendar_unusable",
    { en: /the calendar can&#39;t be read/, es: /no se puede leer/, pt: /não foi possível ler/ },
  ],
];

t.test("a calendar that can't be used is never called connected, in three languages", async (t) => {
  const world = await createWorld(t, { successUrl: "http://127.0.0.1:1/thanks" });
  for (const [reason, code, words] of refusals) {
    await world.sandbox("POST", "faults", { ...reading, reason });
    for (const [language, text] of Object.entries(words)) {
      const page = await consent(world, language);
      t.match(page, { status: 200, text }, `${reason}, ${language}`);
      t.match(page.text, `>${code}<`);
      t.notMatch(page.text, connectedTitles);
      t.match(await stateOf(world), {
        status: "connected",
        calendar_state: { state: "refused" },
        link: { state: "used" },
      });
    }
    await world.sandbox("DELETE", "faults");
  }
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity");
  t.match(
    body.activity.slice(0, 2).map(({ kind }: { kind: string }) => kind),
    ["calendar_state_changed", "connected"],
  );
});

t.test("a second tab is told the same as the first", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const second = createBrowser();
  const asked = await second.submit(await second.open(body.shareable_link));
  await world.sandbox("POST", "faults", { ...reading, reason: "notACalendarUser" });
  await world.consent(body.shareable_link);
  t.match((await second.submit(asked, { action: "allow" })).text, /calendar_missing/);
});

t.test("a failure that may pass keeps nobody from being connected", async (t) => {
  const world = await createWorld(t, { requestTimeoutMs: 300 });
  for (const fault of [{ status: 503 }, { status: 429 }, { drop: true }, { latency_ms: 1_000 }]) {
    await world.sandbox("POST", "faults", { ...reading, ...fault });
    t.match(await consent(world), { status: 200, text: connectedTitles }, JSON.stringify(fault));
    await world.sandbox("DELETE", "faults");
    t.match(await stateOf(world), { status: "connected", calendar_state: { state: "unknown", since: null } });
  }
  await consent(world);
  t.match(await stateOf(world), { calendar_state: { state: "ok" } });
});

t.test("a calendar that the schedule names and another account hasn't got is noticed at once", async (t) => {
  const world = await createWorld(t);
  const team = "team@group.calendar.google.com";
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { busy_calendars: ["primary", team] });
  const { body } = await world.connect("luna", { any_account: true });
  const page = await world.consent(body.shareable_link, { account: "anita@example.com" });
  t.match(page.text, /calendar_unusable/);
  t.match(await stateOf(world), { calendar_state: { state: "not_found", calendar: team } });
});
