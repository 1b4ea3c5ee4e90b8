import t, { type Test } from "tap";
import { type Fields, readFields } from "./support/panel-pages.ts";
import { addPerson, type Person, send } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const page = "/clientes/luna/horario";
const previewPath = `${page}/vista-previa`;
const schedulePath = "/v1/customer-calendars/luna/schedule";

async function signIn(
  world: World,
  role: Person["user"]["role"] & ("admin" | "member" | "viewer") = "admin",
) {
  const person = await addPerson(world, { email: `${role}@example.com`, role, customer_ids: ["luna"] });
  const headers = { "sec-fetch-site": "same-origin", "accept-language": "es" };
  return {
    get: (path: string) => send(world.adminUrl, "GET", path, { cookie: person.cookie, headers }),
    post: (path: string, form: Fields) =>
      send(world.adminUrl, "POST", path, { cookie: person.cookie, headers, form }),
  };
}

const eachWorld = (name: string, test: (t: Test, world: World) => Promise<void>) =>
  forEachWorld(t, name, {}, test);

eachWorld("a schedule is opened, changed and saved by a plain form", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world);
  const opened = await get(page);
  t.equal(opened.status, 200);
  const fields = readFields(opened.text);
  t.match(fields, {
    "weekly_hours.monday.0.start": "09:00",
    slot_interval_minutes: "30",
    tentative_is_busy: "on",
  });
  t.notOk("weekly_hours.sunday.0.start" in fields);

  const saved = await post(page, {
    ...fields,
    ...{ "weekly_hours.sunday.0.start": "22:00", "weekly_hours.sunday.0.end": "00:00" },
    ...{ "date_overrides.0.date": "2027-12-24", "holidays.country": "CO", max_bookings_per_day: "8" },
    ...{
      "services.1.id": "beard",
      "services.1.name": "Barba & <b>bigote</b>",
      "services.1.duration_minutes": "20",
    },
    ...{
      "services.1.buffer_before_minutes": "0",
      "services.1.buffer_after_minutes": "5",
      "services.1.capacity": "2",
    },
    ...{ paused_until: "2027-01-20T09:30", busy_calendars: "primary\r\n", action: "save" },
  });
  t.match(saved, { status: 303, headers: new Map() });
  t.equal(saved.headers.get("location"), `${page}?guardado=1`);
  t.match((await world.api("GET", schedulePath)).body, {
    weekly_hours: { monday: [{ start: "09:00", end: "17:00" }], sunday: [{ start: "22:00", end: "24:00" }] },
    date_overrides: [{ date: "2027-12-24", windows: [] }],
    holidays: { country: "CO" },
    services: [{ id: "appointment" }, { id: "beard", name: "Barba & <b>bigote</b>", capacity: 2 }],
    ...{ max_bookings_per_day: 8, max_bookings_per_week: null, tentative_is_busy: true },
    paused_until: "2027-01-20T09:30:00-05:00",
  });
  const again = await get(`${page}?guardado=1`);
  t.match(again.text, /Guardado/);
  t.notMatch(again.text, /<b>bigote/);
  t.match(readFields(again.text), {
    ...{ "weekly_hours.sunday.0.end": "00:00", paused_until: "2027-01-20T09:30" },
    "services.1.name": "Barba & <b>bigote</b>",
  });
  t.equal((await post(page, { ...readFields(again.text), action: "save" })).status, 303);
});

eachWorld("each problem stands beside its field, and what was typed stays", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world);
  const fields = readFields((await get(page)).text);
  const typed = {
    ...{ "weekly_hours.monday.0.end": "09:00", slot_interval_minutes: "two", horizon_days: "0" },
    ...{ "services.0.name": " ", "services.0.id": "no good", "date_overrides.0.date": "", language: "xx" },
    ...{
      "holidays.region": "BY",
      busy_calendars: "other@example.com",
      time_zone: "Bogota",
      paused_until: "soon",
    },
  };
  const refused = await post(page, { ...fields, ...typed, action: "save" });
  t.equal(refused.status, 422);
  for (const name of Object.keys(typed)) {
    const field = name.startsWith("weekly") ? "weekly_hours.monday.0" : name;
    const id = `field-${field.replaceAll(/[^\w-]/g, "-")}-problem`;
    t.match(refused.text, new RegExp(`id="${id}">[^<]*[.]`), name);
  }
  const kept = readFields(refused.text);
  for (const [name, value] of Object.entries(typed))
    if (name !== "language") t.equal(kept[name], value, name);
  const said = [...refused.text.matchAll(/-problem">([^<]*)</g)].map(([, text = ""]) => text);
  t.ok(said.length >= 10);
  for (const text of said) t.notMatch(text, /must|is unknown|there is no|stands here/);
  t.equal((await world.api("GET", schedulePath)).body.horizon_days, 365);
});

eachWorld("rows are added, removed, moved and copied without JavaScript", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world);
  let fields = readFields((await get(page)).text);
  const act = async (action: string) => {
    const { status, text } = await post(page, { ...fields, action });
    t.equal(status, 200, action);
    fields = readFields(text);
  };
  await act("add:weekly_hours.monday");
  t.match(fields, { "weekly_hours.monday.1.start": "18:00", "weekly_hours.monday.1.end": "19:00" });
  await act("copy:monday");
  t.match(fields, { "weekly_hours.friday.1.start": "18:00" });
  await act("remove:weekly_hours.monday.0");
  t.match(fields, { "weekly_hours.monday.0.start": "18:00" });
  await act("add:date_overrides");
  await act("add:date_overrides.0.windows");
  t.match(fields, { "date_overrides.0.date": "", "date_overrides.0.windows.0.start": "09:00" });
  await act("remove:date_overrides.0");
  await act("add:services");
  Object.assign(fields, { "services.1.name": "Barba", "services.1.id": "beard" });
  await act("up:services.1");
  t.match(fields, { "services.0.id": "beard", "services.1.id": "appointment" });
  t.equal((await world.api("GET", schedulePath)).body.services.length, 1, "nothing is saved by that");
  t.equal((await post(page, { ...fields, action: "save" })).status, 303);
  t.match((await world.api("GET", schedulePath)).body, {
    services: [{ id: "beard" }, { id: "appointment" }],
  });
});

eachWorld("of two who edit at once the second is told, and nothing is lost", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world);
  const opened = readFields((await get(page)).text);
  await world.api("PUT", schedulePath, { slot_interval_minutes: 15, max_bookings_per_day: 8 });
  const second = await post(page, {
    ...opened,
    slot_interval_minutes: "20",
    horizon_days: "90",
    action: "save",
  });
  t.equal(second.status, 409);
  t.match(second.text, /Alguien más guardó cambios/);
  const merged = readFields(second.text);
  t.match(merged, { slot_interval_minutes: "20", horizon_days: "90", max_bookings_per_day: "8" });
  t.match((await world.api("GET", schedulePath)).body, { slot_interval_minutes: 15, horizon_days: 365 });
  t.equal((await post(page, { ...merged, action: "save" })).status, 303);
  t.match((await world.api("GET", schedulePath)).body, {
    ...{ slot_interval_minutes: 20, horizon_days: 90, max_bookings_per_day: 8 },
  });
});

eachWorld(
  "the preview shows what is typed, what is wrong, and a calendar that isn't there",
  async (t, world) => {
    await world.connect("luna");
    const { get, post } = await signIn(world);
    const fields = { ...readFields((await get(page)).text), time_zone: "America/Bogota" };
    const alone = await post(previewPath, fields);
    t.match(alone.text, /aún no está conectado/);
    t.match(alone.text, /<time datetime="2027-01-18T09:00:00-05:00">09:00/);
    await world.connected("luna");
    const connected = await post(previewPath, { ...fields, "weekly_hours.monday.0.start": "11:00" });
    t.notMatch(connected.text, /conectado|2027-01-18T09:00|2027-01-18T10:30/);
    t.match(connected.text, /2027-01-18T11:00.*2027-01-19T09:00/s);
    t.match(await post(previewPath, { ...fields, horizon_days: "0" }), {
      status: 200,
      text: /href="#field-horizon_days">Escribe un número entero/,
    });
    await world.stopMcpCalendar();
    t.match(await post(previewPath, fields), { status: 200, text: /Puedes seguir editando/ });
    const unsaved = await post(page, { ...fields, horizon_days: "77", action: "save" });
    t.match(unsaved, { status: 503, text: /así que no se guardó nada/ });
    t.equal(readFields(unsaved.text).horizon_days, "77");
  },
);

eachWorld(
  "a viewer sees the schedule and can't change it; a form without its token is refused",
  async (t, world) => {
    await world.connected("luna");
    const viewer = await signIn(world, "viewer");
    const seen = await viewer.get(page);
    t.match(seen.text, /<fieldset class="stack" disabled>/);
    t.notMatch(seen.text, /name="action"/);
    const fields = readFields(seen.text);
    for (const path of [page, previewPath]) t.equal((await viewer.post(path, fields)).status, 403);
    const { post, get } = await signIn(world, "member");
    const own = readFields((await get(page)).text);
    for (const path of [page, previewPath]) t.equal((await post(path, { ...own, csrf: "" })).status, 403);
  },
);
