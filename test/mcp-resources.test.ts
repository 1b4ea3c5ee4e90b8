import t from "tap";
import { createWorld, type World } from "./support/world.ts";

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Asks as a client of 2025-11-25, and as one of 2026-07-28. */
const versions: Record<string, (world: World, customerId: string, uri: string) => Promise<{ body: Rpc }>> = {
  "2025-11-25": (world, customerId, uri) => world.rpc(read({ uri }), { "x-customer-id": customerId }),
  "2026-07-28": (world, customerId, uri) =>
    world.rpc(read({ uri, _meta: envelope }), {
      "x-customer-id": customerId,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "resources/read",
      "mcp-name": uri,
    }),
};

type Rpc = {
  id: unknown;
  result?: { contents: { uri: string; mimeType: string; text: string }[] };
  error?: { code: number; data: unknown };
};

function read(params: object) {
  return { jsonrpc: "2.0", id: "r", method: "resources/read", params };
}

for (const [version, ask] of Object.entries(versions)) {
  t.test(
    `${version}: the business as a resource says what get_business_info says, for that customer`,
    async (t) => {
      const world = await createWorld(t);
      await world.connected("luna");
      await world.connected("sol", { time_zone: "Europe/Madrid" });
      for (const [customerId, timezone] of [
        ["luna", "America/Bogota"],
        ["sol", "Europe/Madrid"],
      ] as const) {
        const { body } = await ask(world, customerId, "cita://business");
        const [content] = body.result?.contents ?? [];
        t.match(content, { uri: "cita://business", mimeType: "application/json" });
        const { answer } = await world.call(customerId, "get_business_info", {});
        t.strictSame(JSON.parse(content?.text ?? ""), answer);
        t.equal(answer.timezone, timezone);
      }
    },
  );

  t.test(`${version}: a business that can't be read is an error that says what to do`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await world.connect("nova");
    await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 500 });
    const refusals = { luna: "calendar_unavailable", nova: "not_connected", nobody: "unknown_customer" };
    for (const [customerId, code] of Object.entries(refusals)) {
      const { body } = await ask(world, customerId, "cita://business");
      t.equal(body.result, undefined);
      t.match(body, { id: "r", error: { code: -32603, data: { code, next_step: String } } });
    }
    t.match((await ask(world, "", "cita://business")).body, {
      error: { data: { code: "unknown_customer" } },
    });
    t.match((await ask(world, "luna", "cita://nothing")).body, {
      id: "r",
      error: { code: -32602, data: { uri: "cita://nothing" } },
    });
  });
}

t.test("resources and prompts are listed with titles, and take only their own parameters", async (t) => {
  const world = await createWorld(t);
  const ask = async (method: string, params?: object) =>
    (await world.rpc({ jsonrpc: "2.0", id: 1, method, params })).body;
  const { resources } = (await ask("resources/list")).result;
  t.match(resources, [{ uri: "cita://business", title: String, description: String }]);
  t.strictSame((await ask("resources/templates/list")).result, { resourceTemplates: [] });
  const { prompts } = (await ask("prompts/list")).result;
  t.strictSame(
    prompts.map(({ name }: { name: string }) => name),
    ["agendar_cita", "book_appointment", "agendar_horario"],
  );
  for (const [method, params] of [
    ["resources/read", {}],
    ["resources/read", { uri: 1 }],
    ["resources/list", { cursor: 1 }],
    ["prompts/get", {}],
    ["prompts/get", { name: "nothing" }],
    ["prompts/get", { name: "agendar_cita", arguments: { request: 1 } }],
    ["prompts/get", { name: "agendar_cita", arguments: { customer_id: "sol" } }],
  ] as const) {
    t.match(await ask(method, params), { error: { code: -32602 } }, `${method} ${JSON.stringify(params)}`);
  }
  for (const method of ["resources/subscribe", "completion/complete", "logging/setLevel"]) {
    t.match(await ask(method, { uri: "cita://business" }), { error: { code: -32601 } }, "isn't declared");
  }
});

t.test("the booking assistant is written in the person's language, with what they asked for", async (t) => {
  const world = await createWorld(t);
  const get = async (name: string, args?: object) => {
    const request = { jsonrpc: "2.0", id: 1, method: "prompts/get", params: { name, arguments: args } };
    const { messages } = (await world.rpc(request)).body.result;
    t.match(messages, [{ role: "user", content: { type: "text" } }]);
    return messages[0].content.text as string;
  };
  const given = { request: 'mañana "temprano"', attendee_name: "Ana" };
  t.match(await get("agendar_cita", given), /^Atiendes por este negocio.*temprano.*La cita es para "Ana"/s);
  t.match(
    await get("book_appointment", given),
    /^You answer for this business.*The appointment is for "Ana"/s,
  );
  t.match(await get("agendar_horario", given), /^Você atende.*O horário é para "Ana"/s);
  for (const name of ["agendar_cita", "book_appointment", "agendar_horario"]) {
    const text = await get(name, { request: " " });
    t.equal(text, await get(name), "what was left empty isn't quoted");
    for (const tool of [
      "get_business_info",
      "get_available_slots",
      "book",
      "list_bookings",
      "cancel_booking",
    ]) {
      t.match(text, tool);
    }
  }
});
