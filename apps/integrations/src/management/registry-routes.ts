import { accountVariables } from "@cita/providers/accounts";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { success, successOf } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import type { Registry } from "../registry/registry.ts";
import { toEnum } from "./schemas.ts";

const providerView = z.object({
  provider: z.string().meta({ example: "META_ADS" }),
  name: z.string().meta({ example: "Meta Ads" }),
  kind: z.enum(["authorization_code", "key_delivery", "api_key", "hook_url"]).meta({
    description: "How an account is connected.",
  }),
  capabilities: z.array(
    z.object({
      name: z.string().meta({ example: "campaigns" }),
      level: z.enum(["connected", "acted on"]).meta({
        description: "`connected`: account, tokens and health. `acted on`: Cita does it.",
      }),
      scopes: z.array(z.string()),
    }),
  ),
  inputs: z.array(z.object({ name: z.string(), expected: z.string(), isRequired: z.boolean() })).meta({
    description: "What the person is asked, unless `metadata` has it: a shop, an instance, a key.",
  }),
  configured: z.boolean(),
  variables: z.array(z.string()).meta({ description: "What an operator sets for it." }),
});

/** The registry: which providers there are, and what each is here. */
export const registryRoutes: FastifyPluginAsyncZod<{ registry: Registry }> = async (app, { registry }) => {
  app.get(
    "/integrations/providers",
    {
      schema: {
        ...{ tags: ["Providers"], operationId: "listProviders", summary: "Which accounts can be connected" },
        security: [{ adminKey: [] }, { accessToken: [] }],
        response: { 200: successOf(z.array(providerView)), ...errorResponses },
      },
    },
    async () =>
      success(
        registry.providers.map((provider) => ({
          ...{ provider: toEnum(provider.id), name: provider.name, kind: provider.grant.kind },
          capabilities: provider.capabilities.map(({ name, level, scopes }) => ({
            ...{ name, level },
            scopes: [...scopes],
          })),
          inputs: provider.inputs.map(({ name, expected, preset }) => ({
            ...{ name, expected },
            isRequired: preset === null,
          })),
          configured: registry.clients.has(provider.id),
          variables: [...accountVariables(provider)],
        })),
      ),
  );
};
