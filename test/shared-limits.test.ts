import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { send } from "./support/send.ts";
import { createWorld, readToolResult } from "./support/world.ts";

const pauseMs = 30;

/** Repeats a request at the instances in turn until both refuse it. @returns how many were let in, and after how many */
async function knock(urls: readonly string[], request: (url: string) => Promise<boolean>) {
  let letIn = 0;
  const refusedBy = new Set<string>();
  for (let i = 0; i < 400 && refusedBy.size < urls.length; i++) {
    const url = urls[i % urls.length] ?? "";
    if (await request(url)) letIn += 1;
    else refusedBy.add(url);
    await sleep(pauseMs);
  }
  return { letIn, isRefusedByAll: refusedBy.size === urls.length };
}

t.test("instances on one PostgreSQL count together what limits protect", async (t) => {
  const perMinute = 60;
  const world = await createWorld(t, {
    engine: "postgres",
    variables: {
      LINK_PAGES_PER_MINUTE: `${perMinute}`,
      FAILED_KEYS_PER_MINUTE: `${perMinute}`,
      MCP_CALLS_PER_MINUTE: `${perMinute}`,
    },
  });
  const another = await world.startAnother();
  const urls = [world.mcpUrl, another.url];
  const ping = (url: string, headers: Record<string, string>) =>
    send(`${url}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
    });
  const wrong = { authorization: `Bearer cita_${"0".repeat(64)}` };
  const requests: Record<string, (url: string) => Promise<boolean>> = {
    "link pages of an address": async (url) => (await send(`${url}/connect/nonsense`)).status === 404,
    "returns from a provider": async (url) =>
      (await send(`${url}/oauth/callback?code=x&state=y`)).status === 400,
    "wrong agent keys": async (url) => (await ping(url, wrong)).status === 401,
    "wrong service keys": async (url) =>
      (await send(`${url}/internal/events`, { headers: wrong })).status === 401,
    "calls for a customer": async (url) => (await ping(url, { "x-customer-id": "luna" })).status === 200,
  };
  await Promise.all(
    Object.entries(requests).map(async ([name, request]) => {
      const { letIn, isRefusedByAll } = await knock(urls, request);
      t.ok(isRefusedByAll, `${name}: both refuse`);
      // Each of the two may let some in before it has heard of the other's.
      t.ok(letIn >= perMinute && letIn < 1.6 * perMinute, `${name}: ${letIn} of ${perMinute} were let in`);
    }),
  );

  const call = { name: "get_business_info", arguments: {} };
  const { body } = await another.rpc(
    { jsonrpc: "2.0", id: 1, method: "tools/call", params: call },
    { "x-customer-id": "luna" },
  );
  t.match(readToolResult(body.result), { error: { code: "rate_limited" } });
  t.match(await ping(another.url, { "x-customer-id": "sol" }), { status: 200 }, "others go on");
});
