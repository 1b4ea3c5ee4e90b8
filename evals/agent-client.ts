import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { readToolResult, type ToolResult } from "../test/support/tool-result.ts";
import type { Outcome } from "./outcome.ts";

/** The MCP client of an agent that serves one customer. */
export type AgentClient = {
  readonly client: Client;
  /** @param person the phone number in `X-Attendee-Phone`; left out: the call is the business's. */
  call(tool: string, args: object, person?: string): Promise<Outcome>;
  /** The next call reaches the server, and fails in the client as where the connection is cut before the answer. */
  loseNextAnswer(): void;
};

export async function openAgentClient(mcpUrl: string, customerId: string): Promise<AgentClient> {
  let losing = false;
  const client = new Client({ name: "evals", version: "1.0.0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${mcpUrl}/mcp`), {
      requestInit: { headers: { "X-Customer-Id": customerId } },
      async fetch(url, init) {
        const response = await fetch(url, init);
        if (!losing) return response;
        losing = false;
        await response.text();
        throw new TypeError("fetch failed");
      },
    }),
  );
  // The client checks answers against the output schemas only of tools that it has listed.
  await client.listTools();
  return {
    client,
    async call(tool, args, person) {
      if (person !== undefined) return callForPerson(person, { mcpUrl, customerId, tool, args });
      const result = await client.callTool({ name: tool, arguments: { ...args } });
      return readToolResult(result as ToolResult);
    },
    loseNextAnswer() {
      losing = true;
    },
  };
}

/** A request without the client, whose headers are the same for all of its calls. */
async function callForPerson(
  person: string,
  { mcpUrl, customerId, tool, args }: { mcpUrl: string; customerId: string; tool: string; args: object },
): Promise<Outcome> {
  const response = await fetch(`${mcpUrl}/mcp`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Customer-Id": customerId,
      "X-Attendee-Phone": person,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: tool, arguments: args },
    }),
  });
  const { result, error } = JSON.parse(await response.text());
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return readToolResult(result);
}
