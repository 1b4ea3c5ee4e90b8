import { setTimeout as sleep } from "node:timers/promises";
import type { McpServerFactory } from "@cita/mcp-endpoint";
import { Server, type ServerContext } from "@modelcontextprotocol/server";
import t from "tap";
import { serveMcp } from "./support/serve-mcp.ts";

type Handle = (context: ServerContext, server: Server) => Promise<string>;

/** Servers whose only tool says for whom it was called, and what came of that. */
function serversThat(handle: Handle): McpServerFactory {
  return ({ customerId }) => {
    const server = new Server({ name: "a", version: "1" }, { capabilities: { tools: {}, logging: {} } });
    server.setRequestHandler("tools/call", async (_request, context) => {
      const text = `${customerId}: ${await handle(context, server)}`;
      return { content: [{ type: "text", text }] };
    });
    return server;
  };
}

type Headers = Record<string, string>;

async function post(url: string, customer: string, message: object, headers: Headers = {}): Promise<string> {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-customer-id": customer, ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  return response.text();
}

const call = (id: number | string) => ({ id, method: "tools/call", params: { name: "a" } });
const answer = (id: number | string, text: string) => ({ id, result: { content: [{ text }] } });

/** A call as a client of each protocol version sends it. */
const versions: Record<string, [message: object, headers: Headers]> = {
  "2025-11-25": [call(1), {}],
  "2026-07-28": [
    {
      ...call(1),
      params: {
        name: "a",
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    },
    { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "a" },
  ],
};

for (const [version, [message, headers]] of Object.entries(versions)) {
  t.test(`${version}: many callers at once, all with the same id, get each their own answer`, async (t) => {
    let calls = 0;
    const url = await serveMcp(
      t,
      serversThat(async () => {
        await sleep(++calls % 7);
        return "done";
      }),
    );
    const names = Array.from({ length: 300 }, (_, index) => `customer-${index}`);
    const answers = await Promise.all(
      names.map(async (name) => JSON.parse(await post(url, name, message, headers))),
    );
    t.match(
      answers,
      names.map((name) => answer(1, `${name}: done`)),
    );
  });
}

t.test("what a client says of itself, or sets, holds for nobody else", async (t) => {
  const url = await serveMcp(
    t,
    serversThat(async ({ mcpReq }, server) => {
      await mcpReq.log("info", "heard");
      return JSON.stringify(server.getClientCapabilities() ?? "nothing");
    }),
  );
  await post(url, "luna", {
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: { elicitation: { url: {} } },
      clientInfo: { name: "a", version: "1" },
    },
  });
  await post(url, "luna", { id: 2, method: "logging/setLevel", params: { level: "emergency" } });
  const text = await post(url, "sol", call(3), { accept: "application/json, text/event-stream" });
  t.match(text, /heard/, "the level of another doesn't silence it");
  t.match(text, /sol: \\"nothing\\"/);
});

t.test("a call that fails disturbs no other", async (t) => {
  let calls = 0;
  const url = await serveMcp(
    t,
    serversThat(async () => {
      if (++calls === 1) throw new Error("broken");
      return "done";
    }),
  );
  t.match(JSON.parse(await post(url, "luna", call(1))), { id: 1, error: { message: "broken" } });
  t.match(JSON.parse(await post(url, "sol", call(2))), answer(2, "sol: done"));
  t.match(JSON.parse(await post(url, "mar", { id: 3, method: "none/such" })), {
    id: 3,
    error: { code: -32_601 },
  });
});
