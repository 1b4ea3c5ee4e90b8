import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

/** The smallest server: the SDK as its documentation shows it, with one tool that does nothing. */
serveStdio(() => {
  const server = new McpServer({ name: "bare", version: "1" });
  server.registerTool("nothing", { description: "Does nothing." }, async () => ({ content: [] }));
  return server;
});
