import t from "tap";
import { createWorld } from "./support/world.ts";

const slots = { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } };
const callSlots = { jsonrpc: "2.0", id: 1, method: "tools/call", params: slots };

t.test(
  "a request that names no customer, a malformed one or an unknown one gets unknown_customer",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const headers = [
      {},
      { "x-customer-id": "" },
      { "x-customer-id": "a b" },
      { "x-customer-id": "nobody" },
      { "x-customer-id": "luna, sol" },
    ];
    for (const header of headers) {
      const { status, body } = await world.rpc(callSlots, header as Record<string, string>);
      t.equal(status, 200);
      t.equal(body.result.isError, true);
      t.equal(body.result.structuredContent, undefined);
      t.match(JSON.parse(body.result.content[0].text), {
        error: { code: "unknown_customer", message: String, retryable: false, next_step: String },
      });
    }
  },
);

t.test("the customer is never a tool argument", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18", customer_id: "sol" }), {
    error: {
      code: "invalid_arguments",
      message: /customer_id/,
      problems: [/there is no argument "customer_id"/],
    },
  });
});

t.test("what isn't a JSON-RPC request gets a JSON-RPC error, never a 5xx", async (t) => {
  const world = await createWorld(t);
  const post = (body: string, headers: Record<string, string> = {}) => world.rpc(body, headers);
  t.match(await post("{"), { status: 400, body: { error: { code: -32700 } } });
  t.match(await post(""), { status: 400, body: { error: { code: -32700 } } });
  t.match(await post(`[${JSON.stringify(callSlots)}]`), { status: 400, body: { error: { code: -32600 } } });
  t.match(await post("[]"), { status: 400, body: { error: { code: -32600 } } });
  for (const body of ["null", "1", '"x"', "{}", '{"jsonrpc":"1.0","id":1,"method":"x"}']) {
    const { status, body: answer } = await post(body);
    t.ok(status >= 400 && status < 500, `${body}: ${status}`);
    t.type(answer.error.code, "number");
  }
  t.match(await post(JSON.stringify({ ...callSlots, params: { pad: "x".repeat(300_000) } })), {
    status: 413,
    body: { error: { code: -32600 } },
  });
  t.match(await post("a=b", { "content-type": "application/x-www-form-urlencoded" }), {
    status: 415,
    body: { error: { code: -32600 } },
  });
  t.match(await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "no/such" })), {
    body: { error: { code: -32601 } },
  });
  const unknownTool = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "drop_tables", arguments: {} },
  };
  t.match(await post(JSON.stringify(unknownTool)), {
    body: { error: { code: -32602, message: /no tool "drop_tables"/ } },
  });
  for (const method of ["GET", "DELETE", "PUT"]) {
    const response = await fetch(`${world.mcpUrl}/mcp`, { method });
    t.equal(response.status, 405);
    t.equal(response.headers.get("allow"), "POST");
  }
});

t.test("where a header alone is trusted, a page under another name can't reach it", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const response = await world.mcp.app.inject({
    method: "POST",
    url: "/mcp",
    headers: { host: "rebound.example", "content-type": "application/json", "x-customer-id": "luna" },
    payload: callSlots,
  });
  t.equal(response.statusCode, 403);
});

t.test("whoever takes JSON gets JSON, however they say it", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const accepted = [
    "application/json, text/plain, */*",
    "application/json;q=0.9",
    "*/*;q=0.8",
    "application/*",
    "APPLICATION/JSON",
  ];
  for (const accept of accepted) {
    const { status, headers, body } = await world.rpc(callSlots, { accept, "x-customer-id": "luna" });
    t.equal(status, 200, accept);
    t.match(headers.get("content-type"), /^application\/json/);
    t.equal(body.result.isError, undefined);
  }
});
