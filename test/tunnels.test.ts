import t from "tap";
import { createWorld, readToolResult, type World } from "./support/world.ts";

const slots = { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } };
const callSlots = { jsonrpc: "2.0", id: 7, method: "tools/call", params: slots };

/** What proxies and tunnels add, each as it is known to do. */
const added: Record<string, string> = {
  "x-forwarded-for": "203.0.113.1",
  "X-Forwarded-Host": "cita.example",
  "x-forwarded-proto": "https",
  "x-forwarded-server": "edge",
  "x-forwarded-port": "443",
  "x-forwarded-user": "somebody",
  "x-forwarded": "for=203.0.113.1",
  forwarded: "for=203.0.113.1;proto=https",
  "forwarded-for": "203.0.113.1",
  via: "1.1 varnish",
  "x-real-ip": "203.0.113.1",
  "x-client-ip": "203.0.113.1",
  "x-cluster-client-ip": "203.0.113.1",
  "true-client-ip": "203.0.113.1",
  "cf-connecting-ip": "203.0.113.1",
  "cf-ray": "8f1",
  "cf-visitor": '{"scheme":"https"}',
  "cdn-loop": "cloudflare",
  "fly-client-ip": "203.0.113.1",
  "fastly-client-ip": "203.0.113.1",
  "x-azure-clientip": "203.0.113.1",
  "x-envoy-external-address": "203.0.113.1",
  "x-original-forwarded-for": "203.0.113.1",
  "tailscale-user-login": "ana@example.com",
  "ngrok-trace-id": "1",
  "x-tunnel-authorization": "tunnel x",
  "x-vercel-forwarded-for": "203.0.113.1",
};

const warnings = (world: World) =>
  world.log.filter((line) => line.includes("came through a proxy or a tunnel"));

t.test("where a header alone is trusted, a request through a tunnel or proxy is refused", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const call = (headers: Record<string, string>) =>
    world.rpc(callSlots, { "x-customer-id": "luna", ...headers });
  for (const [name, value] of Object.entries({ ...added, "x-forwarded-for": "127.0.0.1" })) {
    t.match(
      await call({ [name]: value }),
      {
        status: 403,
        body: { error: { code: -32001, message: /Send an agent key as Authorization: Bearer/ } },
      },
      name,
    );
  }
  t.equal((await call({ via: "" })).status, 403, "whatever it says");
  t.equal((await call({ "x-forwarded-for": "127.0.0.1", origin: "http://localhost:6274" })).status, 403);
  t.equal((await world.rpc("{", { via: "1.1 edge" })).status, 403, "before anything of it is read");
  t.match(warnings(world), [/"level":40/], "said once, however often it comes");

  const usual = {
    "user-agent": "node",
    accept: "*/*",
    traceparent: "00-1",
    "x-request-id": "a-request-1",
    origin: "http://localhost:1",
  };
  const { body } = await call(usual);
  t.match(readToolResult(body.result), { answer: {} }, "what clients send of themselves is no sign");
});

t.test("an agent with a key may come through anything", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const made = await world.api("POST", "/v1/customer-calendars/luna/agent-keys", { name: "bot" });
  const { status, body } = await world.rpc(callSlots, { ...added, authorization: `Bearer ${made.body.key}` });
  t.equal(status, 200);
  t.match(readToolResult(body.result), { answer: {} });
  t.match(await world.rpc(callSlots, { ...added, authorization: "Bearer nonsense" }), { status: 401 });
  t.strictSame(warnings(world), []);
});

t.test("a proxy we are told of isn't this machine either", async (t) => {
  const world = await createWorld(t, { variables: { TRUST_PROXY: "loopback" } });
  await world.connected("luna");
  const call = { "x-customer-id": "luna", "x-forwarded-for": "127.0.0.1" };
  t.equal((await world.rpc(callSlots, call)).status, 403);
});

t.test("/metrics asks the service key of all of them", async (t) => {
  const world = await createWorld(t);
  for (const app of [world.mcp.app, world.admin]) {
    for (const [name, value] of Object.entries(added)) {
      const { statusCode } = await app.inject({
        url: "/metrics",
        headers: { host: "localhost", [name]: value },
      });
      t.ok([401, 429].includes(statusCode), `${name}: ${statusCode}`);
    }
    t.equal((await app.inject({ url: "/metrics", headers: { host: "localhost" } })).statusCode, 200);
  }
});
