import type { IntegrationView } from "@cita/integrations-api";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { type Caller, scopeOf } from "../../../access/caller.ts";
import { callerOf } from "../../../access/identify-caller.ts";
import { type Attempts, returnPath } from "./attempts.ts";
import { undefinedIfUnknown } from "./notices.ts";
import { type IntegrationsDeps, integrationsPathOf } from "./places.ts";

/** Whatever else stands in the address is passed over: its `message` too, which anybody may write. */
const returnQuery = z.object({
  state: z.string().max(200).catch(""),
  integrationId: z.uuid().optional().catch(undefined),
  error: z.string().max(40).optional().catch(undefined),
});

/**
 * Where the integration service sends browsers back to, of all consents. It leads to the list that the consent was begun in,
 * or that has what was connected, which says what has become of it.
 */
export const returnRoutes: FastifyPluginAsync<IntegrationsDeps & { readonly attempts: Attempts }> = async (
  app,
  deps,
) => {
  const { attempts, integrationsApi } = deps;

  app.get(returnPath, { config: { access: { action: "list_customers" } } }, async (request, reply) => {
    const { state, integrationId, error } = returnQuery.parse(request.query);
    const caller = callerOf(request);
    const attempt = attempts.find(request, state);
    const found =
      integrationId === undefined
        ? undefined
        : await integrationsApi.find(integrationId).catch(undefinedIfUnknown);
    if (found !== undefined && (await isKnownTo(deps, caller, found))) {
      const before = attempt?.integrationId ?? found.id;
      const query = { conectada: found.id, ...(before !== found.id && { en_vez_de: before }) };
      return reply.redirect(`${integrationsPathOf(found.organizationId)}?${new URLSearchParams(query)}`, 303);
    }
    // Of an attempt that this browser hasn't made nothing is told.
    const query = new URLSearchParams({ fallo: attempt === undefined ? "other" : (error ?? "other") });
    const customerId = attempt === undefined ? ownCustomerOf(caller) : attempt.customerId;
    return reply.redirect(`${integrationsPathOf(customerId)}?${query}`, 303);
  });
};

/** Whether the caller may know of it, and so of whose it is. */
async function isKnownTo(
  { customerList }: IntegrationsDeps,
  caller: Caller,
  { organizationId, userId }: IntegrationView,
): Promise<boolean> {
  if (organizationId === null) return caller.kind === "user" && caller.userId === userId;
  const known = await customerList.search({ scope: scopeOf(caller), ids: [organizationId], limit: 1 });
  return known.length > 0;
}

function ownCustomerOf(caller: Caller): string | null {
  return caller.kind === "owner" ? caller.customerId : null;
}
