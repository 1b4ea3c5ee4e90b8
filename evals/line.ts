import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { readToolResult, type ToolResult } from "../test/support/tool-result.ts";
import type { Outcome } from "./answer-path.ts";

/** The agent's side: a real MCP client of one customer. */
export type Line = {
  readonly client: Client;
  /** @param person the number of whom the channel knows the caller to be; left out: nobody is named. */
  call(tool: string, args: object, person?: string): Promise<Outcome>;
  /** The next answer never arrives, though the server has given it. */
  loseNextAnswer(): void;
};

export async function openLine(mcpUrl: string, customerId: string): Promise<Line> {
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
  // From now on the client checks every answer against the tool's output schema.
  await client.listTools();
  return {
    client,
    async call(tool, args, person) {
      if (person !== undefined) return callFor(person, { mcpUrl, customerId, tool, args });
      const result = await client.callTool({ name: tool, arguments: { ...args } });
      return readToolResult(result as ToolResult);
    },
    loseNextAnswer() {
      losing = true;
    },
  };
}

/** A call of its own for one person: the client's headers are everybody's. */
async function callFor(
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
