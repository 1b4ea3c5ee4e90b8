import { type FindLanguage, type McpRoutesOptions, mcpRoutes } from "@cita/mcp-endpoint";
import type { FastifyPluginAsync } from "fastify";
import { ofCustomer } from "./of-customer.ts";

export type AgentEndpointOptions = {
  readonly mcp: Omit<McpRoutesOptions, "authorize">;
  readonly findLanguage: FindLanguage;
};

/** The endpoint that agents call, at a path of each customer, for whoever tries it with the service key. */
export const agentEndpoint: FastifyPluginAsync<AgentEndpointOptions> = async (app, { mcp, findLanguage }) => {
  // Whoever shows an answer to a person says what is around it in the same language.
  app.addHook("onSend", async (request, reply) => {
    reply.header("content-language", await findLanguage(request.customerId));
  });
  await app.register(mcpRoutes, { ...mcp, prefix: "/customers/:customer_id", authorize: authorizeByPath });
};

/** The service key stands in for the agent's: the path names the customer. */
const authorizeByPath: McpRoutesOptions["authorize"] = async ({ params }) => {
  const named = ofCustomer.safeParse(params);
  return { customerId: named.data?.customer_id, audience: "business" };
};
