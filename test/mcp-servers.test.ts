import { setTimeout as sleep } from "node:timers/promises";
import type { McpServerFactory } from "@cita/mcp-endpoint";
import { Server, type ServerContext } from "@modelcontextprotocol/server";
import t from "tap";
import { serveMcp } from "./support/serve-mcp.ts";

type Handle = (context: ServerContext, server: Server) => Promise<string>;

/** A server whose only tool says for whom it was called and what came of that, and how many of it are at work. */
function servers(handle: Handle) {
  const made: { atWork: number; most: number; connected: number }[] = [];
  const createServer: McpServerFactory = (callerOf) => {
    const use = { atWork: 0, most: 0, connected: 0 };
    made.push(use);
    const server = new Server({ name: "a", version: "1" }, { capabilities: { tools: {}, logging: {} } });
    const connect = server.connect.bind(server);
    server.connect = (transport) => {
      use.connected++;
      return connect(transport);
    };
    server.setRequestHandler("tools/call", async (_request, context) => {
      use.atWork++;
      use.most = Math.max(use.most, use.atWork);
      const { customerId } = callerOf(context.mcpReq.id);
      const text = `${customerId}: ${await handle(context, server)}`;
      use.atWork--;
      return { content: [{ type: "text", text }] };
    });
    return server;
  };
  return { made, createServer };
}

async function ask(url: string, customer: string, message: object, accept = "application/json") {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", accept, "x-customer-id": customer },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  return { type: response.headers.get("content-type"), text: await response.text() };
}

const both = "application/json, text/event-stream";
const call = (id: number | string) => ({ id, method: "tools/call", params: { name: "a" } });
const said = (id: number | string, text: string) => ({ id, result: { content: [{ text }] } });

t.test("a server is kept for the next request, whoever sends it", async (t) => {
  const { made, createServer } = servers(async () => "done");
  const url = await serveMcp(t, createServer);
  for (const [customer, id] of [
    ["luna", 1],
    ["sol", 1],
    ["mar", "x"],
  ] as const) {
    t.match(JSON.parse((await ask(url, customer, call(id))).text), said(id, `${customer}: done`));
  }
  t.equal(made.length, 1);
});

t.test("a server that has answered many is connected anew, which nobody notices", async (t) => {
  const late: Promise<unknown>[] = [];
  const { made, createServer } = servers(async ({ mcpReq }) => {
    late.push(sleep(3).then(() => mcpReq.log("info", "too late")));
    return String(mcpReq.id);
  });
  const url = await serveMcp(t, createServer);
  const names = Array.from({ length: 450 }, (_, index) => `customer-${index}`);
  const answers: { id: number; text: string }[] = [];
  for (const [id, name] of names.entries()) {
    const answer = JSON.parse((await ask(url, name, call(id), both)).text);
    answers.push({ id: answer.id, text: answer.result.content[0].text });
  }
  const [customers, ownIds] = [0, 1].map((part) => answers.map(({ text }) => text.split(": ")[part]));
  t.strictSame(customers, names);
  t.strictSame(
    answers.map(({ id }) => id),
    [...names.keys()],
  );
  t.equal(made.length, 1);
  t.equal(made[0]?.connected, 3, "first, and after each 200");
  t.equal(new Set(ownIds).size, 450, "no request had the id of another");
  t.equal((await Promise.allSettled(late)).length, 450);
});

t.test("a server never answers two at a time, and each gets what is theirs", async (t) => {
  let calls = 0;
  const { made, createServer } = servers(async () => {
    await sleep(++calls % 7);
    return "done";
  });
  const url = await serveMcp(t, createServer);
  const names = Array.from({ length: 300 }, (_, index) => `customer-${index}`);
  // All of them call their request 1, as clients do.
  const answers = await Promise.all(
    names.map(async (name) => JSON.parse((await ask(url, name, call(1))).text)),
  );
  t.match(
    answers,
    names.map((name) => said(1, `${name}: done`)),
  );
  t.ok(made.length < names.length, `${made.length} servers for ${names.length} requests`);
  t.strictSame([...new Set(made.map(({ most }) => most))], [1]);
});

t.test("what a client says of itself, or sets, holds for nobody else", async (t) => {
  const { made, createServer } = servers(async ({ mcpReq }, server) => {
    await mcpReq.log("info", "heard");
    return JSON.stringify(server.getClientCapabilities() ?? "nothing");
  });
  const url = await serveMcp(t, createServer);
  const greeting = {
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: { elicitation: { url: {} } },
      clientInfo: { name: "a", version: "1" },
    },
  };
  await ask(url, "luna", greeting);
  await ask(url, "luna", { id: 2, method: "logging/setLevel", params: { level: "emergency" } });
  t.equal(made.length, 2, "each of these had a server of its own");
  const { text } = await ask(url, "sol", call(3), both);
  t.match(text, /heard/, "the level of another doesn't silence it");
  t.match(text, /sol: \\"nothing\\"/);
});

t.test("a call that fails leaves its server in order", async (t) => {
  let calls = 0;
  const { made, createServer } = servers(async () => {
    if (++calls === 1) throw new Error("broken");
    return "done";
  });
  const url = await serveMcp(t, createServer);
  t.match(JSON.parse((await ask(url, "luna", call(1))).text), { id: 1, error: { message: "broken" } });
  t.match(JSON.parse((await ask(url, "sol", call(2))).text), said(2, "sol: done"));
  t.match(JSON.parse((await ask(url, "mar", { id: 3, method: "none/such" })).text), {
    id: 3,
    error: { code: -32_601 },
  });
  t.equal(made.length, 1);
});

t.test("who called is told while a request is answered, not for work that outlasts it", async (t) => {
  const late = Promise.withResolvers<string>();
  const asking = Promise.withResolvers<void>();
  let calls = 0;
  const createServer: McpServerFactory = (callerOf) => {
    const server = new Server({ name: "a", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/call", async (_request, { mcpReq }) => {
      if (++calls === 1) {
        void asking.promise
          .then(() => callerOf(mcpReq.id).customerId ?? "nobody")
          .then(late.resolve, late.reject);
        return { content: [] };
      }
      asking.resolve();
      const outcome = await late.promise.catch((error: Error) => error.message);
      return { content: [{ type: "text", text: `${callerOf(mcpReq.id).customerId}: ${outcome}` }] };
    });
    return server;
  };
  const url = await serveMcp(t, createServer);
  await ask(url, "luna", call(1));
  t.match(
    JSON.parse((await ask(url, "sol", call(1))).text),
    said(1, "sol: This request is answered already."),
  );
});
