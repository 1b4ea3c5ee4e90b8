import t from "tap";
import { bookingsPath } from "./support/admin-booking-calls.ts";
import { worldsBehindCalendarProxy } from "./support/calendar-proxy.ts";
import { open, readFields, submit } from "./support/panel-pages.ts";
import { addPerson } from "./support/people.ts";
import { forEachWorld } from "./support/world-engines.ts";

const customer = "/clientes/luna";
const { proxy, eachWorld } = await worldsBehindCalendarProxy(t);

eachWorld("while the calendar service is down, forms come back as they were typed", async (t, world, ana) => {
  proxy.fateOf = () => "unavailable";
  const contact = { customer_name: "Luna Nueva", customer_email: "nueva@example.com", customer_phone: "" };
  const facts = await submit(world, ana, customer, contact);
  t.match(facts, { status: 503, text: /Lo que escribiste sigue aquí/ });
  t.match(facts.text, /value="Luna Nueva"[\s\S]*value="nueva@example\.com"/);

  const key = await submit(world, ana, `${customer}/agentes`, { name: "Bot de Luna", audience: "business" });
  t.match(key, { status: 503, text: /value="Bot de Luna"/ });

  const typed = { fecha: "2027-01-20", hora: "16:00", nombre: "Bea", telefono: "+57 300 123 4567" };
  const call = await submit(world, ana, `${customer}/probar?herramienta=book`, {
    ...typed,
    servicio: "haircut",
  });
  t.match(call, { status: 503, text: /no responde|no respondió/ });
  for (const value of Object.values(typed)) t.ok(call.text.includes(`value="${value}"`), value);
  t.match(call.text, '<option value="haircut" selected>');
});

eachWorld(
  "what a tool has done is shown, though the schedule can't be read after it",
  async (t, world, ana) => {
    proxy.fateOf = (method) => (method === "GET" ? "unavailable" : undefined);
    const called = await submit(world, ana, `${customer}/probar?herramienta=book`, {
      ...{ fecha: "2027-01-18", hora: "16:00", nombre: "Bea", telefono: "+57 300 123 4567", clave: "k1" },
    });
    t.match(called, { status: 200, text: /structuredContent/ });
    proxy.fateOf = () => undefined;
    t.match((await world.api("GET", bookingsPath("luna"))).body.bookings, [{ attendee_name: "Bea" }]);
  },
);

eachWorld(
  "a schedule that another has saved, and that can't be read then, isn't lost",
  async (t, world, ana) => {
    const path = `${customer}/horario`;
    const fields = readFields((await open(world, ana, path)).text);
    await world.api("PUT", "/v1/customer-calendars/luna/schedule", { horizon_days: 30 });
    proxy.fateOf = (method) => (method === "GET" ? "unavailable" : undefined);
    const saved = await submit(world, ana, path, { ...fields, slot_interval_minutes: "20", action: "save" });
    t.match(saved, { status: 503, text: /no se guardó nada/ });
    t.equal(readFields(saved.text).slot_interval_minutes, "20");
  },
);

eachWorld("pages wait a second for the calendar service, and are sent without it", async (t, world, ana) => {
  // Within the 2 s after which a test's request is given up.
  proxy.fateOf = () => ({ waitMs: 1_800 });
  const overview = await open(world, ana, "/");
  t.match(overview, { status: 200, text: /Servicio de calendarios: No responde/ });
  t.match(await open(world, ana, customer), { status: 200, text: /El servicio de calendarios no responde/ });
  proxy.fateOf = () => undefined;
  t.notMatch((await open(world, ana, "/")).text, "No responde");
  t.notMatch((await open(world, ana, customer)).text, "no responde");
});

forEachWorld(t, "an error's page leads only where one can go", {}, async (t, world) => {
  await world.connected("luna");
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  await world.stopMcpCalendar();
  for (const [path, link] of [
    [`${customer}/enlace`, `href="${customer}/enlace">Probar de nuevo`],
    [`${customer}/agentes/1/revocar`, `href="${customer}">Ver el negocio`],
    [`${customer}/desconectar`, `href="${customer}">Ver el negocio`],
  ] as const) {
    const answer = await submit(world, ana, path);
    t.match(answer, { status: 503, text: link }, path);
  }
});
