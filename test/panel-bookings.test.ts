import t from "tap";
import { book, bookingsPath, callTool, mondayAt } from "./support/admin-booking-calls.ts";
import { decode, open, submit } from "./support/panel-pages.ts";
import { addPerson } from "./support/people.ts";
import { setSchedule } from "./support/schedule.ts";
import { sundayEvening, type World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const pages = "/clientes/luna/citas";
let now = sundayEvening;
const options = { adminNow: () => now };

async function openShop(world: World) {
  now = sundayEvening;
  await world.connected("luna");
  await setSchedule(world, "luna", {
    language: "es",
    services: [{ id: "haircut", name: "Corte <b>& barba</b>", duration_minutes: 45 }],
  });
  return addPerson(world, { email: "ana@example.com", role: "admin" });
}

forEachWorld(t, "bookings ahead, past and cancelled each have their list", options, async (t, world) => {
  const ana = await openShop(world);
  t.match((await open(world, ana, pages)).text, "No hay citas próximas");
  await book(world, mondayAt("09:00"), { attendee_name: "Bea <script>", attendee_phone: "+57 300 123 4567" });
  await book(world, mondayAt("11:00"), { attendee_name: "Carla" });
  const { booking_id } = await book(world, mondayAt("15:00"), { attendee_name: "Diana" });
  await callTool(world, "cancel_booking", { booking_id });

  const ahead = await open(world, ana, pages);
  t.equal(ahead.status, 200);
  for (const part of [
    "lunes, 18 de enero",
    "09:00 – 09:45",
    "Bea <script>",
    "+573001234567",
    "Corte <b>& barba",
  ])
    t.match(decode(ahead.text), part);
  t.notMatch(ahead.text, /<script>|<b>/);
  t.match(ahead.text, "America/Bogota");
  t.notMatch(ahead.text, "Diana");
  t.match((await open(world, ana, `${pages}?ver=canceladas`)).text, /Diana[\s\S]*Cancelada/);

  now = Date.parse(mondayAt("12:00"));
  world.clock.now = now;
  const past = (await open(world, ana, `${pages}?ver=pasadas`)).text;
  t.match(past, /Carla[\s\S]*Bea/, "the latest first");
  t.notMatch(past, /\/mover"/, "what has passed can't be moved");
  t.match((await open(world, ana, pages)).text, "No hay citas próximas");
});

forEachWorld(t, "a booking is cancelled once somebody has said yes", options, async (t, world) => {
  const ana = await openShop(world);
  const { booking_id } = await book(world, mondayAt("09:00"), { attendee_name: "Bea" });
  const path = `${pages}/${booking_id}`;
  t.match((await open(world, ana, `${path}/cancelar`)).text, /¿Cancelar esta cita\?[\s\S]*Bea/);
  const done = await submit(world, ana, `${path}/cancelar`);
  t.equal(done.status, 303);
  t.match((await open(world, ana, done.headers.get("location") ?? "")).text, "La cita quedó cancelada");
  const one = await world.api("GET", `${bookingsPath("luna")}/${booking_id}`);
  t.equal(one.body.status, "cancelled");
  const viewer = await addPerson(world, { email: "v@example.com", role: "viewer", customer_ids: ["luna"] });
  t.equal((await open(world, viewer, path)).status, 200);
  t.equal((await open(world, viewer, `${path}/cancelar`)).status, 403);
  t.equal((await submit(world, viewer, `${path}/cancelar`)).status, 403);
});

forEachWorld(
  t,
  "a booking moves to a time that is chosen; a refusal names others",
  options,
  async (t, world) => {
    const ana = await openShop(world);
    const { booking_id } = await book(world, mondayAt("09:00"), { attendee_name: "Bea" });
    const path = `${pages}/${booking_id}/mover`;
    const offered = await open(world, ana, path);
    t.match(offered.text, `value="${mondayAt("09:30")}"`, "it doesn't stand in its own way");
    t.notMatch(offered.text, `value="${mondayAt("09:00")}"`);
    t.match((await open(world, ana, `${path}?desde=2027-01-25`)).text, `value="2027-01-25T09:00:00-05:00"`);

    t.match(await submit(world, ana, path), { status: 422, text: /Elige una hora/ });
    await book(world, mondayAt("11:00"), { attendee_name: "Carla" });
    const refused = await submit(world, ana, path, { start_iso: mondayAt("11:00") });
    t.equal(refused.status, 409);
    t.match(refused.text, "Esa hora ya no está libre");
    t.match(refused.text, "Las más cercanas que están libres");

    const moved = await submit(world, ana, path, { start_iso: mondayAt("14:00") });
    t.equal(moved.status, 303);
    t.match(
      (await open(world, ana, moved.headers.get("location") ?? "")).text,
      /quedó movida[\s\S]*14:00 – 14:45/,
    );
    t.equal((await world.api("GET", `${bookingsPath("luna")}/${booking_id}`)).body.start, mondayAt("14:00"));
  },
);

forEachWorld(t, "where the calendar doesn't answer, pages say so and stay", options, async (t, world) => {
  const ana = await openShop(world);
  const { booking_id } = await book(world, mondayAt("09:00"), { attendee_name: "Bea" });
  await world.fault("any", { status: 503 });
  const week = await open(world, ana, "/clientes/luna/semana");
  t.match(week, { status: 503, text: /El calendario no se puede leer ahora/ });
  t.match(week.text, 'href="/clientes/luna/citas"');
  t.equal((await open(world, ana, `${pages}/${booking_id}/mover`)).status, 503);
  t.match(await open(world, ana, pages), { status: 200, text: /Bea/ }, "the ledger has them");
  await world.stopMcpCalendar();
  for (const page of ["citas", "semana", "agentes", "probar"]) {
    const answer = await open(world, ana, `/clientes/luna/${page}`);
    t.match(answer, { status: 503, text: /El servicio de calendarios no responde/ }, page);
  }
});

forEachWorld(t, "a week shows bookings, free times and that others are busy", options, async (t, world) => {
  now = sundayEvening;
  await world.connected("luna", {
    taken: [
      { title: "Dentista", start: mondayAt("10:00"), end: mondayAt("11:00") },
      { title: "Feria", start: "2027-01-19T00:00:00-05:00", end: "2027-01-20T00:00:00-05:00" },
      { title: "Turno", start: "2027-01-21T22:00:00-05:00", end: "2027-01-22T02:00:00-05:00" },
    ],
  });
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  await book(world, mondayAt("12:00"), { attendee_name: 'Bea "</div>' });
  const week = await open(world, ana, "/clientes/luna/semana?desde=2027-01-18");
  t.equal(week.status, 200);
  t.match(week.text, /10:00 – 11:00<\/span><span class="badge calm">Ocupado/);
  t.match(week.text, /09:00 – 10:00<\/span><span class="badge good">Libre/);
  for (const time of ["Todo el día", "22:00 – 24:00", "00:00 – 02:00"])
    t.ok(week.text.includes(`>${time}</span><span class="badge calm">Ocupado`), time);
  t.notMatch(week.text, /Dentista|Feria|Turno/);
  const [, json = ""] = /data-week="([^"]*)"/.exec(week.text) ?? [];
  const shown = JSON.parse(decode(json));
  t.match(shown, { from: "2027-01-18", days: 7, offset: "-05:00" });
  const booking = shown.entries.find(({ kind }: { kind: string }) => kind === "booking");
  const expected = { start: "2027-01-18T12:00", title: 'Bea "</div>', time: /^12:00 \w/ };
  t.match(booking, expected, "the business's wall time");
  const times = shown.entries.map(({ kind, time }: { kind: string; time: string }) => `${kind} ${time}`);
  for (const time of ["busy 10:00 – 11:00", "busy Todo el día", "busy 22:00 – 24:00", "busy 00:00 – 02:00"])
    t.ok(times.includes(time), time);
  t.match(week.headers.get("content-security-policy"), /style-src 'self';|style-src 'self'$/);

  const today = await open(world, ana, "/clientes/luna/semana");
  t.match(decode(today.text), '"from":"2027-01-11"', "on a Sunday it is still last week's");
  const day = await open(world, ana, "/clientes/luna/semana?vista=dia&desde=2027-01-18");
  t.match(decode(day.text), '"days":1');
  t.equal((await open(world, ana, "/clientes/luna/semana?desde=nonsense&vista=x&servicio=y")).status, 200);
});

forEachWorld(t, "of another customer there is nothing", options, async (t, world) => {
  await openShop(world);
  await world.connected("sol");
  const { booking_id } = await book(world, mondayAt("09:00"), {}, "luna");
  const member = await addPerson(world, { email: "m@example.com", role: "member", customer_ids: ["sol"] });
  const paths = ["citas", `citas/${booking_id}`, `citas/${booking_id}/mover`, "semana", "agentes", "probar"];
  for (const path of paths) {
    t.equal((await open(world, member, `/clientes/luna/${path}`)).status, 404, path);
  }
  t.equal((await open(world, member, `/clientes/sol/citas/${booking_id}`)).status, 404);
  t.equal((await submit(world, member, `/clientes/luna/citas/${booking_id}/cancelar`)).status, 404);
  t.equal((await submit(world, member, `/clientes/sol/citas/${booking_id}/cancelar`)).status, 404);
  t.match(await submit(world, member, "/clientes/luna/agentes", { name: "x" }), { status: 404 });
});
