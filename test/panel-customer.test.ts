import t, { type Test } from "tap";
import { book } from "./support/booking-calls.ts";
import { addPerson, send } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

type Role = "admin" | "member" | "viewer";

async function signIn(world: World, role: Role, customer_ids: readonly string[] = ["luna"]) {
  const person = await addPerson(world, { email: `${role}@example.com`, role, customer_ids });
  const headers = { "sec-fetch-site": "same-origin", "accept-language": "es" };
  return {
    get: (path: string) => send(world.adminUrl, "GET", path, { cookie: person.cookie, headers }),
    post: (path: string, form: Record<string, string> = {}) =>
      send(world.adminUrl, "POST", path, {
        ...{ cookie: person.cookie, headers, form: { csrf: person.csrf, ...form } },
      }),
  };
}

const eachWorld = (name: string, test: (t: Test, world: World) => Promise<void>) =>
  forEachWorld(t, name, {}, test);

const changes = ["", "/desconectar", "/acceso", "/eliminar", "/horario", "/horario/vista-previa"];
const tabs = ["", "/horario", "/actividad"];

eachWorld("a customer's page tells how its calendar is, and corrects who it is", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world, "admin");
  const seen = await get("/clientes/luna");
  t.equal(seen.status, 200);
  t.match(seen.text, /Business luna.*Conectado.*Google.*luna@example\.com.*Dio permiso/s);

  const wrong = await post("/clientes/luna", {
    customer_name: " ",
    customer_email: "luna",
    customer_phone: "12",
  });
  t.equal(wrong.status, 422);
  t.equal([...wrong.text.matchAll(/class="problem"/g)].length, 3);
  const name = "<i>Luna</i> ליאור 💈";
  const right = {
    customer_name: name,
    customer_email: "lua@example.com",
    customer_phone: "+57 300 123 4567",
  };
  t.equal((await post("/clientes/luna", right)).status, 303);
  const after = await get("/clientes/luna?hecho=saved");
  t.match(after.text, /Datos guardados.*lua@example\.com.*\+573001234567/s);
  t.notMatch(after.text, /<i>Luna/);
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
    customer_name: name,
    status: "connected",
  });
});

eachWorld("a calendar is disconnected, and a customer removed once its id is typed", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world, "admin");
  const disconnected = await post("/clientes/luna/desconectar");
  t.match(disconnected.headers.get("location"), /hecho=disconnected/);
  t.match((await get("/clientes/luna")).text, /Desconectado.*href="\/clientes\/luna\/enlace">Conectar/s);
  t.equal((await post("/clientes/luna/eliminar", { confirm: "sol" })).status, 422);
  t.equal((await world.api("GET", "/v1/customer-calendars/luna")).status, 200);
  t.equal((await post("/clientes/luna/eliminar", { confirm: "luna" })).headers.get("location"), "/clientes");
  t.equal((await world.api("GET", "/v1/customer-calendars/luna")).status, 404);
  t.equal((await get("/clientes/luna")).status, 404);
});

eachWorld("an owner's one-time link is shown once, with a message for WhatsApp", async (t, world) => {
  await world.connected("luna");
  const { get, post } = await signIn(world, "admin");
  const made = await post("/clientes/luna/acceso");
  t.match(made.text, /value="[^"]*\/entrar\/[\w-]{20,}"/);
  t.match(made.text, /action="https:\/\/wa\.me\//);
  t.notMatch((await get("/clientes/luna")).text, /\/entrar\//);
});

eachWorld("what has happened is listed in words", async (t, world) => {
  await world.connected("luna");
  const { booking_id } = await book(world);
  await world.call("luna", "cancel_booking", { booking_id });
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { horizon_days: 30 });
  const { get } = await signIn(world, "viewer");
  const { status, text } = await get("/clientes/luna/actividad");
  t.equal(status, 200);
  t.match(
    text,
    /Se cambió el horario.*Hasta cuántos días adelante.*Cita cancelada.*por un agente.*Cita reservada.*18 ene 2027, 10:00.*Calendario conectado/s,
  );
});

eachWorld("others' customers aren't there, and roles hold on every page", async (t, world) => {
  await world.connected("luna");
  await world.connect("sol");
  const member = await signIn(world, "member");
  for (const tab of tabs) {
    t.equal((await member.get(`/clientes/luna${tab}`)).status, 200, tab);
    t.equal((await member.get(`/clientes/sol${tab}`)).status, 404, tab);
  }
  for (const path of changes) t.equal((await member.post(`/clientes/sol${path}`)).status, 404, path);
  for (const path of ["", "/acceso", "/eliminar"])
    t.equal((await member.post(`/clientes/luna${path}`)).status, 403, path);
  const viewer = await signIn(world, "viewer");
  for (const path of changes) t.equal((await viewer.post(`/clientes/luna${path}`)).status, 403, path);
  const admin = await signIn(world, "admin");
  for (const path of changes)
    t.equal((await admin.post(`/clientes/luna${path}`, { csrf: "" })).status, 403, path);
});

eachWorld("while the calendar service is down the page tells what was last known", async (t, world) => {
  await world.connected("luna");
  const { get } = await signIn(world, "admin");
  await world.stopMcpCalendar();
  t.match(await get("/clientes/luna"), { status: 200, text: /El servicio de calendarios no responde/ });
  t.equal((await get("/clientes/luna/horario")).status, 503);
});

forEachWorld(
  t,
  "times are those of the device once it has told its zone, and UTC before",
  {},
  async (t, world) => {
    const { cookie } = await addPerson(world, { email: "admin@example.com", role: "admin" });
    await world.connect("luna");
    const until = async (zone: string) => {
      const cookies = zone === "" ? cookie : `${cookie}; cita_zone=${encodeURIComponent(zone)}`;
      const { text } = await send(world.adminUrl, "GET", "/clientes/luna/enlace", { cookie: cookies });
      return /\d\d:\d\d(?: UTC)?/.exec(text.slice(text.indexOf("consent-state")))?.[0];
    };
    const utc = await until("");
    t.match(utc, / UTC$/);
    const hour = (Number(utc?.slice(0, 2)) + 19) % 24;
    t.equal(await until("America/Bogota"), `${String(hour).padStart(2, "0")}${utc?.slice(2, 5)}`);
    for (const wrong of ["Nowhere/Else", "x".repeat(100), "<b>"]) t.equal(await until(wrong), utc, wrong);
  },
);
