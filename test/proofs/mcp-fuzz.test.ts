import fc from "fast-check";
import t from "tap";
import { createWorld, type World } from "../support/world.ts";

/**
 * What JSON-RPC 2.0 promises, whatever is sent: a request with a valid id gets one well-formed answer with
 * that id, anything without one gets no answer of its own, and nothing is a fault of ours.
 */

const methods = fc.constantFrom(
  "initialize",
  "ping",
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "resources/subscribe",
  "prompts/list",
  "prompts/get",
  "completion/complete",
  "logging/setLevel",
  "server/discover",
  "tasks/get",
  "__proto__",
  "toString",
  "",
);
const tools = fc.constantFrom(
  "get_business_info",
  "get_available_slots",
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
  "constructor",
);

/** But for keys that would poison an object: Fastify refuses a body with one before anybody reads its id. */
const anything = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !/"(__proto__|constructor)":/.test(JSON.stringify(value)));
const ids = fc.oneof(fc.integer(), fc.string(), fc.constantFrom(0, -1, "", "__proto__", 2 ** 53 - 1));
const notIds = fc.constantFrom<unknown>(null, 1.5, true, {}, [], 1e300);

const argumentsOfTools = fc.dictionary(
  fc.constantFrom("date_iso", "days", "service", "start_iso", "attendee_name", "booking_id", "from", "x"),
  fc.oneof(anything, fc.constantFrom("2027-01-18", "2027-01-18T09:00:00-05:00", "", "9".repeat(500))),
);
const likelyParams = fc.record(
  {
    name: fc.oneof(tools, anything),
    arguments: fc.oneof(argumentsOfTools, anything),
    uri: fc.oneof(fc.constantFrom("cita://business", "cita://"), anything),
    cursor: anything,
    protocolVersion: fc.oneof(fc.constantFrom("2025-11-25", "2026-07-28"), anything),
    capabilities: anything,
    clientInfo: anything,
    requestState: anything,
    inputResponses: anything,
  },
  { requiredKeys: [] },
);
const params = fc.oneof({ weight: 4, arbitrary: likelyParams }, { weight: 1, arbitrary: anything });

type Message = Record<string, unknown>;
const message = (id: fc.Arbitrary<unknown> | undefined): fc.Arbitrary<Message> =>
  fc.record(
    {
      jsonrpc: fc.constant("2.0"),
      ...(id !== undefined && { id }),
      method: fc.oneof({ weight: 5, arbitrary: methods }, { weight: 1, arbitrary: fc.string() }),
      params,
    },
    { requiredKeys: id === undefined ? ["jsonrpc", "method"] : ["jsonrpc", "id", "method"] },
  );

const versionKey = "io.modelcontextprotocol/protocolVersion";
const envelope = { [versionKey]: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };

type Sent = { readonly headers: Record<string, string>; readonly body: unknown };

/** As a client of each protocol version would send it, and of 2026-07-28 also where header and envelope don't fit. */
const versions: Record<string, (message: Message) => Sent> = {
  "2025-11-25": (body) => ({ headers: {}, body: { ...body, params: withoutEnvelope(body.params) } }),
  "2026-07-28": (body) => {
    const enveloped = { ...body, params: { ...asObject(body.params), _meta: envelope } };
    const { name, uri } = enveloped.params as Message;
    const named = body.method === "resources/read" ? uri : name;
    return {
      headers: {
        "mcp-protocol-version": "2026-07-28",
        ...(isHeader(body.method) && { "mcp-method": body.method }),
        ...(isHeader(named) && { "mcp-name": named }),
      },
      body: enveloped,
    };
  },
};

function asObject(value: unknown): Message {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Message) : {};
}

function withoutEnvelope(value: unknown): unknown {
  if (value !== asObject(value)) return value;
  const { _meta, ...rest } = asObject(value);
  return rest;
}

function isHeader(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

type Answer = { status: number; text: string };

function send({ mcp }: World, { headers, body }: Sent): Promise<Answer> {
  return post(mcp.app, headers, JSON.stringify(body));
}

async function post(
  app: World["mcp"]["app"],
  headers: Record<string, string>,
  payload: string,
): Promise<Answer> {
  const response = await app.inject({
    method: "POST",
    url: "/mcp",
    headers: { "content-type": "application/json", "x-customer-id": "luna", ...headers },
    payload,
  });
  return { status: response.statusCode, text: response.payload };
}

/** @throws unless it is one JSON-RPC answer. */
function readAnswer({ text }: Answer): Message {
  const answer = JSON.parse(text) as Message;
  const { error } = answer as { error?: { code: unknown; message: unknown } };
  const wellFormed =
    answer.jsonrpc === "2.0" &&
    "id" in answer &&
    "result" in answer !== "error" in answer &&
    (error === undefined || (Number.isInteger(error.code) && typeof error.message === "string"));
  if (!wellFormed) throw new Error(`not an answer: ${text.slice(0, 500)}`);
  return answer;
}

function expect(isSo: boolean, what: string, { status, text }: Answer): void {
  if (!isSo) throw new Error(`${what}: ${status} ${text.slice(0, 500)}`);
}

for (const [version, toSent] of Object.entries(versions)) {
  t.test(`${version}: a request with a valid id gets one answer with that id, and no 5xx`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const property = fc.asyncProperty(message(ids), async (body) => {
      const answer = await send(world, toSent(body));
      expect(answer.status < 500, "a fault of ours", answer);
      expect(Object.is(readAnswer(answer).id, body.id), `the answer isn't to ${String(body.id)}`, answer);
    });
    await t.resolves(fc.assert(property, { numRuns: 500 }));
    t.match(await world.call("luna", "get_business_info", {}), { answer: { timezone: "America/Bogota" } });
  });

  t.test(
    `${version}: a notification gets no answer, and an invalid id none that could be another's`,
    async (t) => {
      const world = await createWorld(t);
      const notified = fc.asyncProperty(message(undefined), async (body) => {
        const answer = await send(world, toSent(body));
        expect(answer.status === 202 || answer.status === 400, "neither taken nor refused", answer);
        if (answer.status === 202) expect(answer.text === "", "a notification was answered", answer);
        else expect(readAnswer(answer).id === null && "error" in readAnswer(answer), "not refused", answer);
      });
      await t.resolves(fc.assert(notified, { numRuns: 150 }));
      const misnumbered = fc.asyncProperty(message(notIds), async (body) => {
        const answer = await send(world, toSent(body));
        expect(answer.status === 400 && "error" in readAnswer(answer), "not refused", answer);
      });
      await t.resolves(fc.assert(misnumbered, { numRuns: 100 }));
    },
  );
}

t.test("whatever else is posted is refused, or concerns nobody", async (t) => {
  const world = await createWorld(t);
  const json = fc.oneof(
    anything,
    fc.array(message(ids), { maxLength: 3 }),
    fc.record({ jsonrpc: anything, id: anything, method: anything, result: anything, error: anything }),
  );
  const text = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.string(),
    message(ids).map((body) => JSON.stringify(body).slice(0, -1)),
  );
  const headers = fc.record(
    {
      "mcp-protocol-version": fc.constantFrom("2026-07-28", "2025-11-25", "1999-01-01", "x"),
      "mcp-method": methods.filter(isHeader),
      accept: fc.constantFrom("text/event-stream", "application/json", "text/html", "*/*"),
    },
    { requiredKeys: [] },
  );
  const property = fc.asyncProperty(text, headers, async (payload, sent) => {
    const answer = await post(world.mcp.app, sent, payload);
    expect(answer.status < 500, "a fault of ours", answer);
    if (answer.status === 202) expect(answer.text === "", "answered all the same", answer);
    else readAnswer(answer);
  });
  await t.resolves(fc.assert(property, { numRuns: 400 }));
});
