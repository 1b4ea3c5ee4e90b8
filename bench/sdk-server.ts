import { readFileSync } from "node:fs";
import { createMcpHandler, fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import fastify from "fastify";

/**
 * The SDK as its documentation shows it: a handler made of a factory, a server and its tools registered for
 * every request. Its one tool answers what was recorded before, and does nothing for it.
 */
const [port, answersFile = ""] = process.argv.slice(2);
const name = "get_business_info";
const recorded: Record<string, string> = JSON.parse(readFileSync(answersFile, "utf8"));
const { result: answer } = JSON.parse(recorded[name] ?? "{}");
const { result: list } = JSON.parse(recorded["tools/list"] ?? "{}");
const { title, description, inputSchema, outputSchema } = list.tools.find(
  (tool: { name: string }) => tool.name === name,
);

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "docs", version: "1.0.0" });
  const config = {
    title,
    description,
    inputSchema: fromJsonSchema(inputSchema),
    outputSchema: fromJsonSchema(outputSchema),
  };
  server.registerTool(name, config, async () => answer);
  return server;
});

const app = fastify();
app.post("/mcp", (request, reply) => {
  const headers = new Headers();
  for (const [header, value] of Object.entries(request.headers)) headers.set(header, String(value));
  headers.set("accept", "application/json, text/event-stream");
  const webRequest = new Request(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers });
  return handler.fetch(webRequest, { parsedBody: request.body }).then((response) => reply.send(response));
});
process.once("SIGTERM", () => app.close());
await app.listen({ host: "127.0.0.1", port: Number(port) });
