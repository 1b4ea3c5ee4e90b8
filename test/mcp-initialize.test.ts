import t from "tap";
import { createWorld, type World } from "./support/world.ts";

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "a host", version: "1" },
  },
};

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const discover = { jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: envelope } };
const modern = { "mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover" };

/** The instructions, which must be the same for clients of both protocol versions. */
async function instructionsFor(world: World, customer: Record<string, string>): Promise<string> {
  const initialized = await world.rpc(initialize, customer);
  const discovered = await world.rpc(discover, { ...modern, ...customer });
  const { instructions } = initialized.body.result;
  if (discovered.body.result.instructions !== instructions) throw new Error("They differ.");
  return instructions;
}

const spanishHowTo = /Llama primero a get_business_info: dice la fecha de hoy y la zona horaria/;
const howToLearnIt = /Call get_business_info first: it tells today's date and the time zone/;

t.test(
  "the instructions say today's date at the business, where that is known without asking Google",
  async (t) => {
    const world = await createWorld(t);
    // Google doesn't answer right after the consent.
    await world.sandbox("POST", "faults", { path: "/calendar/v3/", status: 503 });
    await world.connected("luna");
    await world.sandbox("DELETE", "faults");
    await world.sandbox("DELETE", "calls");
    const luna = { "x-customer-id": "luna" };
    t.match(await instructionsFor(world, luna), howToLearnIt, "nothing was read yet");

    await world.api("PUT", "/v1/customer-calendars/luna/schedule", { time_zone: "Asia/Tokyo" });
    t.match(
      await instructionsFor(world, luna),
      "Today is Monday 2027-01-18 there (time zone Asia/Tokyo).",
      "it is still Sunday in Bogotá",
    );
    await world.api("PUT", "/v1/customer-calendars/luna/schedule", { time_zone: null });
    t.equal((await world.sandbox("GET", "calls")).total, 0, "initialize never asks Google");

    await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
    t.match(
      await instructionsFor(world, luna),
      "Allí hoy es domingo 2027-01-17 (zona horaria America/Bogota).",
      "the last reading told the calendar's own zone",
    );

    await world.restart();
    await world.sandbox("DELETE", "calls");
    t.match(await instructionsFor(world, luna), "Allí hoy es domingo 2027-01-17", "also after a restart");
    t.equal((await world.sandbox("GET", "calls")).total, 0);

    await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
    await world.connected("luna");
    await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
    await world.restart();
    t.match(await instructionsFor(world, luna), "Allí hoy es domingo 2027-01-17", "and a second consent");
  },
);

t.test("without a customer, or with one whose zone isn't known, they say how to learn it", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.call("luna", "get_business_info", {});
  for (const customer of [{}, { "x-customer-id": "nobody" }, { "x-customer-id": "a b" }]) {
    const instructions = await instructionsFor(world, customer as Record<string, string>);
    t.match(instructions, howToLearnIt);
    t.notMatch(instructions, "2027", "and nothing of another business");
  }
});

t.test("a calendar that can no longer be read tells no zone", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.call("luna", "get_business_info", {});
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 500 });
  await world.call("luna", "get_business_info", {});
  t.match(await instructionsFor(world, { "x-customer-id": "luna" }), spanishHowTo, "and keeps its language");

  await world.sandbox("DELETE", "faults");
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.call("luna", "get_business_info", {});
  await world.restart();
  t.match(await instructionsFor(world, { "x-customer-id": "luna" }), spanishHowTo, "nor does a lost one");
});

t.test("they name the order: find, ask the person, book", async (t) => {
  const world = await createWorld(t);
  const instructions = await instructionsFor(world, {});
  const places = ["get_available_slots", "wait for a yes", "call book", "answers confirmed", "next_step"].map(
    (words) => instructions.indexOf(words),
  );
  t.strictSame(
    places,
    places.toSorted((a, b) => a - b),
  );
  t.notOk(places.includes(-1));
});

t.test(
  "initialize and discover show who serves, what is offered, and for how long that may be kept",
  async (t) => {
    const world = await createWorld(t);
    const { result } = (await world.rpc(initialize)).body;
    t.match(result, { protocolVersion: "2025-11-25", serverInfo: { name: "cita-calendar", title: "Cita" } });
    t.strictSame(result.capabilities, { tools: {}, resources: {}, prompts: {} });
    const [icon] = result.serverInfo.icons;
    t.match(icon, { mimeType: "image/svg+xml", src: /^data:image\/svg\+xml;base64,/ });
    t.match(Buffer.from(icon.src.split(",")[1], "base64").toString(), /^<svg xmlns=.*<\/svg>$/);

    const discovered = (await world.rpc(discover, modern)).body.result;
    t.match(discovered, { supportedVersions: ["2026-07-28"], ttlMs: 60_000, cacheScope: "private" });
    const list = (method: string) =>
      world.rpc(
        { jsonrpc: "2.0", id: 1, method, params: { _meta: envelope } },
        { ...modern, "mcp-method": method },
      );
    for (const method of ["tools/list", "resources/list", "resources/templates/list", "prompts/list"]) {
      t.match((await list(method)).body.result, { ttlMs: 3_600_000, cacheScope: "public" }, method);
      t.strictSame(
        (await list(method)).body,
        (await list(method)).body,
        `${method}: always in the same order`,
      );
    }
  },
);

t.test(
  "each legacy protocol version is spoken; an unknown one is answered with the newest of them",
  async (t) => {
    const world = await createWorld(t);
    const ask = async (protocolVersion: unknown) =>
      (await world.rpc({ ...initialize, params: { ...initialize.params, protocolVersion } })).body;
    for (const version of ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]) {
      t.equal((await ask(version)).result.protocolVersion, version);
    }
    t.equal((await ask("1999-01-01")).result.protocolVersion, "2025-11-25");
    t.equal((await ask("2026-07-28")).result.protocolVersion, "2025-11-25", "it has no initialize");
    t.match(await ask(20251125), { id: 1, error: { code: -32602 } });
  },
);
