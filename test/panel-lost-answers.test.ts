import t from "tap";
import { book, bookingsPath, mondayAt } from "./support/admin-booking-calls.ts";
import { worldsBehindCalendarProxy } from "./support/calendar-proxy.ts";
import { open, readFields, submit } from "./support/panel-pages.ts";
import { addPerson } from "./support/people.ts";
import { forEachWorld } from "./support/world-engines.ts";

const customer = "/clientes/luna";
const nothingChanged = /no se cambió nada|no se guardó nada/i;
const notKnown = /no se sabe si/i;

const { proxy, eachWorld } = await worldsBehindCalendarProxy(t);

/** From now on the answers to changes are lost. */
const loseAnswers = () => {
  proxy.fateOf = (method, path) => (method !== "GET" && !path.includes("preview") ? "lost" : undefined);
};

eachWorld("of a change whose answer is lost nobody is told that it wasn't made", async (t, world, ana) => {
  const one = await book(world, mondayAt("09:00"));
  const other = await book(world, mondayAt("12:00"));
  const read = async (id: string) => (await world.api("GET", `${bookingsPath("luna")}/${id}`)).body;
  loseAnswers();
  const cancelled = await submit(world, ana, `${customer}/citas/${one.booking_id}/cancelar`);
  t.match(cancelled, { status: 503, text: notKnown });
  t.notMatch(cancelled.text, nothingChanged);
  t.match(await read(one.booking_id), { status: "cancelled" });

  const start_iso = mondayAt("14:00");
  const moved = await submit(world, ana, `${customer}/citas/${other.booking_id}/mover`, { start_iso });
  t.match(moved, { status: 503, text: notKnown });
  t.notMatch(moved.text, nothingChanged);
  t.match(await read(other.booking_id), { start: start_iso });

  const called = await submit(world, ana, `${customer}/probar?herramienta=book`, {
    ...{ fecha: "2027-01-18", hora: "16:00", nombre: "Bea", telefono: "+57 300 123 4567", clave: "k1" },
  });
  t.match(called, { status: 503, text: notKnown });
  t.notMatch(called.text, nothingChanged);
  const listed = await submit(world, ana, `${customer}/probar?herramienta=list_bookings`, { telefono: "" });
  t.match(listed, { status: 503, text: nothingChanged }, "reading changes nothing");

  const disconnected = await submit(world, ana, `${customer}/desconectar`);
  t.match(disconnected, { status: 503, text: notKnown });
  t.match(disconnected.text, 'href="/clientes/luna"');
  t.notMatch(disconnected.text, "luna/desconectar", "which can't be opened");
});

eachWorld("nor of a schedule", async (t, world, ana) => {
  const path = `${customer}/horario`;
  const fields = readFields((await open(world, ana, path)).text);
  loseAnswers();
  const saved = await submit(world, ana, path, { ...fields, horizon_days: "90", action: "save" });
  t.match(saved, { status: 503, text: /no se sabe si el horario se guardó/ });
  t.notMatch(saved.text, nothingChanged);
  t.match((await world.api("GET", "/v1/customer-calendars/luna/schedule")).body, { horizon_days: 90 });
});

forEachWorld(t, "where nobody was there to ask, nothing was changed", {}, async (t, world) => {
  await world.connected("luna");
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  await world.stopMcpCalendar();
  const called = await submit(world, ana, `${customer}/probar?herramienta=book`, { nombre: "Bea" });
  t.match(called, { status: 503, text: nothingChanged });
  const disconnected = await submit(world, ana, `${customer}/desconectar`);
  t.match(disconnected, { status: 503, text: /El servicio de calendarios no responde/ });
  t.notMatch(disconnected.text, notKnown);
});

eachWorld("a key that was made is shown, and a name that was typed kept", async (t, world, ana) => {
  const path = `${customer}/agentes`;
  proxy.fateOf = (method) => (method === "GET" ? "unavailable" : undefined);
  const made = await submit(world, ana, path, { name: "Bot de Luna", audience: "attendee" });
  t.match(made, {
    status: 201,
    text: /value="cita_[0-9a-f]{64}"[\s\S]*La lista de llaves no se puede mostrar/,
  });

  proxy.fateOf = () => "lost";
  const lost = await submit(world, ana, path, { name: "Otro bot", audience: "business" });
  t.match(lost, { status: 503, text: notKnown });
  t.match(lost.text, /name="name"[^>]*value="Otro bot"/);
  t.match(lost.text, /value="business" checked/);

  proxy.fateOf = () => undefined;
  const listed = await open(world, ana, path);
  t.match(listed.text, "Otro bot", "it had been made");
});

eachWorld(
  "the form that adds a customer can be sent again until its link is there",
  async (t, world, ana) => {
    const form = { customer_name: "Peluquería Sol", customer_email: "sol@example.com", customer_phone: "" };
    const add = (changes: Record<string, string> = {}) =>
      submit(world, ana, "/clientes/nuevo", { ...form, ...changes });
    const linkOf = async () => (await world.api("GET", "/v1/customer-calendars/peluqueria-sol")).body.link;
    proxy.fateOf = () => "unavailable";
    t.match(await add(), { status: 503, text: /prueba de nuevo/ });
    proxy.fateOf = (method) => (method === "POST" ? "lost" : undefined);
    t.match(await add(), { status: 503 });
    const link = await linkOf();
    t.match(link, { state: "live" }, "it was made, and its answer lost");

    proxy.fateOf = () => undefined;
    const added = await add();
    t.match([added.status, added.headers.get("location")], [303, "/clientes/peluqueria-sol/enlace"]);
    t.strictSame(await linkOf(), link);
    t.equal(
      (await add({ customer_email: "another@example.com" })).status,
      409,
      "another one isn't corrected",
    );
    t.equal((await add({ customer_id: "luna" })).status, 409);
  },
);
