import { providerView, successOf } from "@cita/integrations-api";
import { accountVariables } from "@cita/providers/accounts";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import type { Registry } from "../registry/registry.ts";
import { toEnum } from "./views.ts";

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
          ...{ provider: toEnum(provider.id), name: provider.name, category: provider.category },
          kind: provider.grant.kind,
          capabilities: provider.capabilities.map(({ name, level, scopes }) => ({
            ...{ name, level },
            scopes: [...scopes],
          })),
          inputs: provider.inputs.map(({ name, expected, preset }) => ({
            ...{ name, expected },
            isRequired: preset === null,
          })),
          revocation: provider.revocation?.effect ?? null,
          accessPage: provider.accessPage === null ? null : `https://${provider.accessPage}`,
          configured: registry.clients.has(provider.id),
          variables: [...accountVariables(provider)],
        })),
      ),
  );
};
