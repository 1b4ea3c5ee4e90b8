import { createLimiter } from "@cita/http";
import { createAuthorizer, type McpServerFactory, mcpRoutes } from "@cita/mcp-endpoint";
import fastify from "fastify";
import type { Test } from "tap";

/** The service's own HTTP code with another protocol server behind it. @returns where `/mcp` is. */
export async function serveMcp(t: Test, createServer: McpServerFactory): Promise<string> {
  const app = fastify();
  await app.register(mcpRoutes, {
    createServer,
    tools: [],
    hasConflictingIds: async () => false,
    writeInstructions: async () => "",
    authorize: createAuthorizer({
      verifyBearer: async () => undefined,
      headerOnly: true,
      publicUrl: "http://127.0.0.1",
      logger: app.log,
      failures: createLimiter({ name: "wrong keys", perMinute: 100_000 }),
    }),
    limit: createLimiter({ name: "calls", perMinute: 100_000 }),
  });
  t.teardown(() => app.close());
  return app.listen({ host: "127.0.0.1", port: 0 });
}
