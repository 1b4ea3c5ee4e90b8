import { setTimeout as sleep } from "node:timers/promises";
import { Server, type ServerContext } from "@modelcontextprotocol/server";
import t from "tap";
import { serveMcp } from "./support/serve-mcp.ts";
import { createWorld } from "./support/world.ts";

type Handle = (context: ServerContext, server: Server) => Promise<void>;

/** A server whose only tool does what a test wants of it. */
function serverThat(handle: Handle) {
  return () => {
    const server = new Server({ name: "a", version: "1" }, { capabilities: { tools: {}, logging: {} } });
    server.setRequestHandler("tools/call", async (_request, context) => {
      await handle(context, server);
      return { content: [{ type: "text", text: "done" }] };
    });
    return server;
  };
}

const call = {
  jsonrpc: "2.0",
  id: 7,
  method: "tools/call",
  params: { name: "a", _meta: { progressToken: "p" } },
};
const modern = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const modernCall = { ...call, params: { name: "a", _meta: { ...call.params._meta, ...modern } } };

function post(
  url: string,
  accept: string,
  message: { method: string; params: object } = call,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    accept,
    ...(message !== call && { "mcp-protocol-version": "2026-07-28", "mcp-method": message.method }),
    ...(message === modernCall && { "mcp-name": "a" }),
  };
  return fetch(`${url}/mcp`, {
    method: "POST",
    headers,
    body: JSON.stringify(message),
    ...(signal && { signal }),
  });
}

const both = "application/json, text/event-stream";
const progress = (done: number) =>
  ({
    method: "notifications/progress",
    params: { progressToken: "p", progress: done, total: 2 },
  }) as const;

t.test(
  "what a tool sends before its answer comes as events with it, where the client takes them",
  async (t) => {
    const url = await serveMcp(
      t,
      serverThat(async ({ mcpReq }) => {
        await mcpReq.notify(progress(1));
        await mcpReq.log("info", "half");
        await mcpReq.notify(progress(2));
      }),
    );
    const response = await post(url, both);
    t.equal(response.headers.get("content-type"), "text/event-stream");
    t.equal(response.headers.get("cache-control"), "no-cache, no-transform");
    const events = (await response.text()).split("\n\n").filter((event) => event !== "");
    const messages = events.map((event) => JSON.parse(/^event: message\ndata: (.*)$/.exec(event)?.[1] ?? ""));
    t.match(messages, [
      { method: "notifications/progress", params: { progress: 1 } },
      { method: "notifications/message", params: { data: "half" } },
      { method: "notifications/progress", params: { progress: 2 } },
      { id: 7, result: { content: [{ text: "done" }] } },
    ]);
    t.equal(messages.length, 4);

    const plain = await post(url, "application/json");
    t.match(plain.headers.get("content-type"), /^application\/json/);
    t.match(
      await plain.json(),
      { id: 7, result: { content: [{ text: "done" }] } },
      "the others take JSON alone",
    );
  },
);

t.test("an answer alone is one JSON object, whatever else the client takes", async (t) => {
  const url = await serveMcp(
    t,
    serverThat(async () => undefined),
  );
  const response = await post(url, both);
  t.match(response.headers.get("content-type"), /^application\/json/);
  t.match(await response.json(), { id: 7, result: { content: [{ text: "done" }] } });
});

t.test("what a tool sends after its answer reaches nobody, least of all the next caller", async (t) => {
  const next = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  let calls = 0;
  const url = await serveMcp(
    t,
    serverThat(async ({ mcpReq }) => {
      calls += 1;
      if (calls === 1) {
        const said = next.promise.then(() => mcpReq.notify(progress(1)));
        void said.then(late.resolve, late.resolve);
        return;
      }
      next.resolve();
      await late.promise;
    }),
  );
  for (const which of ["the first", "the next"]) {
    const response = await post(url, both);
    t.match(response.headers.get("content-type"), /^application\/json/, which);
    t.match(await response.json(), { id: 7, result: { content: [{ text: "done" }] } });
  }
  t.equal(calls, 2);
});

t.test("a client of 2026-07-28 that goes away in the middle ends the call, and nothing else", async (t) => {
  const told = Promise.withResolvers<boolean>();
  const url = await serveMcp(
    t,
    serverThat(async ({ mcpReq }) => {
      await mcpReq.notify(progress(1));
      mcpReq.signal.addEventListener("abort", () => told.resolve(true), { once: true });
      await told.promise;
      await mcpReq.notify(progress(2)).catch(() => undefined);
    }),
  );
  const gone = new AbortController();
  const response = await post(url, both, modernCall, gone.signal);
  await response.body?.getReader().read();
  gone.abort();
  t.equal(await Promise.race([told.promise, sleep(5_000, false, { ref: false })]), true);
  t.match(await (await fetch(`${url}/mcp`)).json(), { error: { code: -32000 } }, "the service still answers");
});

t.test("a tool that would ask a legacy client something is refused at once", async (t) => {
  const refusals: string[] = [];
  const url = await serveMcp(
    t,
    serverThat(async (_context, server) => {
      await server.ping().catch((error: Error) => refusals.push(error.message));
    }),
  );
  const begun = performance.now();
  t.match(await (await post(url, both)).json(), { id: 7, result: {} });
  t.match(refusals, [/can't be asked/]);
  t.ok(performance.now() - begun < 5_000, "long before it would time out");
});

t.test("a subscription, of which there is nothing to tell, ends at once", async (t) => {
  const world = await createWorld(t);
  const listen = {
    jsonrpc: "2.0",
    id: 1,
    method: "subscriptions/listen",
    params: { notifications: { toolsListChanged: true }, _meta: modern },
  };
  const response = await post(world.mcpUrl, both, listen);
  t.equal(response.headers.get("content-type"), "text/event-stream");
  const body = await Promise.race([response.text(), sleep(5_000, "still open", { ref: false })]);
  t.match(body, "notifications/subscriptions/acknowledged");
});
