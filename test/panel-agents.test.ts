import t from "tap";
import { configure, keyPlaceholder } from "../apps/admin-api/src/panel/pages/agents/client-configurations.ts";
import { bookingsPath, mondayAt } from "./support/admin-booking-calls.ts";
import { readAgentsPage } from "./support/agents-page.ts";
import { decode, open, submit } from "./support/panel-pages.ts";
import { addPerson } from "./support/people.ts";
import { setSchedule } from "./support/schedule.ts";
import { sundayEvening } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const agents = "/clientes/luna/agentes";
const tryIt = "/clientes/luna/probar";
const options = { adminNow: () => sundayEvening };

t.test("the panel's configurations are those of docs/agents.md", async (t) => {
  const page = readAgentsPage();
  const access = { url: "http://localhost:60000/mcp", key: keyPlaceholder };
  const documented = (name: string) =>
    JSON.parse(
      page.block(`json ${name}`).replaceAll(/\$\{env:CITA_AGENT_KEY\}|\$\{input:cita-key\}/g, keyPlaceholder),
    );
  t.strictSame(JSON.parse(configure("claude-desktop", access)), documented("claude-desktop"));
  t.strictSame(JSON.parse(configure("cursor", access)), documented("cursor"));
  t.strictSame(JSON.parse(configure("vscode", access)).servers, documented("vscode").servers);
  t.match(page.text, configure("claude-code", access));
});

forEachWorld(t, "a key is made, shown once with what to paste, and revoked", options, async (t, world) => {
  await world.connected("luna");
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  t.match((await open(world, ana, agents)).text, "Ningún agente tiene llave todavía");
  t.equal((await submit(world, ana, agents, { name: "  ", audience: "business" })).status, 422);

  const made = await submit(world, ana, agents, { name: "Bot <1>", audience: "business", expiry: "days90" });
  t.equal(made.status, 201);
  t.match(made.headers.get("cache-control"), "no-store");
  const [key = ""] = /cita_[0-9a-f]{64}/.exec(made.text) ?? [];
  const text = decode(made.text);
  for (const part of [`Bearer ${key}`, `${world.mcpUrl}/mcp`, "claude mcp add --transport http", "Bot <1>"])
    t.match(text, part);
  const call = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "get_business_info", arguments: {} },
  };
  const asAgent = () => world.rpc(call, { authorization: `Bearer ${key}` });
  t.equal((await asAgent()).status, 200);

  const listed = await open(world, ana, agents);
  t.notMatch(listed.text, key, "never shown again");
  t.match(listed.text, key.slice(-4));
  const [path = ""] = /\/clientes\/luna\/agentes\/\d+\/revocar/.exec(listed.text) ?? [];
  t.equal((await submit(world, ana, path)).status, 303);
  t.equal((await asAgent()).status, 401);

  const bot = await submit(world, ana, agents, { name: "Bot", audience: "attendee" });
  t.match(decode(bot.text), "X-Attendee-Phone");
  t.notMatch(bot.text, "claude mcp add", "not for a bot of the public");
  const viewer = await addPerson(world, { email: "v@example.com", role: "viewer", customer_ids: ["luna"] });
  t.equal((await open(world, viewer, agents)).status, 403);
  t.equal((await submit(world, viewer, agents, { name: "x" })).status, 403);
});

forEachWorld(
  t,
  "trying the tools books for real, and says what the person would hear",
  options,
  async (t, world) => {
    await world.connected("luna");
    await setSchedule(world, "luna", { language: "pt" });
    const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
    t.match((await open(world, ana, tryIt)).text, /pasa de verdad en el calendario/);

    const slots = await submit(world, ana, `${tryIt}?herramienta=get_available_slots`, {
      fecha: "2027-01-18",
    });
    t.equal(slots.status, 200);
    t.match(slots.text, /<blockquote class="speech" lang="pt"><bdi>Tenho livre: segunda-feira/);
    t.match(decode(slots.text), /"date_iso": "2027-01-18"[\s\S]*"structuredContent"/);
    t.match(decode(slots.text), "herramienta=book&fecha=2027-01-18&hora=09%3A00");

    const booking = {
      fecha: "2027-01-18",
      hora: "09:00",
      nombre: "Bea",
      telefono: "+57 300 123 4567",
      clave: "k1",
    };
    const book = () => submit(world, ana, `${tryIt}?herramienta=book`, booking);
    t.match((await book()).text, /Pronto, seu agendamento ficou para segunda-feira[^<]*09:00/);
    await book();
    const { body } = await world.api("GET", bookingsPath("luna"));
    t.match(body.bookings, [{ attendee_name: "Bea", start: mondayAt("09:00") }]);
    t.equal(body.bookings.length, 1, "a page that is loaded again books once");

    const taken = await submit(world, ana, `${tryIt}?herramienta=book`, {
      ...booking,
      clave: "k2",
      nombre: "Carla",
    });
    t.match(taken.text, /Se negó[\s\S]*Tenho livre:/);
    const closed = await submit(world, ana, `${tryIt}?herramienta=get_available_slots`, {
      fecha: "2027-01-23",
    });
    t.match(closed.text, /Não atendemos nesses dias\. O primeiro que tenho é segunda-feira/);

    const stranger = { telefono: "+57 300 765 4321", bot: "on" };
    const bound = await submit(world, ana, `${tryIt}?herramienta=list_bookings`, stranger);
    t.match(bound.text, /Você não tem nenhum agendamento[\s\S]*X-Attendee-Phone/);
    const invalid = await submit(world, ana, `${tryIt}?herramienta=list_bookings`, {
      telefono: "12",
      bot: "on",
    });
    t.match(invalid.text, /No se admitió[\s\S]*HTTP 400/);
    const empty = await submit(world, ana, `${tryIt}?herramienta=book`, {});
    t.match(empty, { status: 200, text: /Se negó/ });
    const viewer = await addPerson(world, { email: "v@example.com", role: "viewer", customer_ids: ["luna"] });
    t.equal((await open(world, viewer, tryIt)).status, 403);
    t.equal((await submit(world, viewer, `${tryIt}?herramienta=book`, booking)).status, 403);
  },
);
