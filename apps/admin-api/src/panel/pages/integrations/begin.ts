import { IntegrationsApiError } from "@cita/integrations-api";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Caller, mayDo } from "../../../access/caller.ts";
import { callerOf } from "../../../access/identify-caller.ts";
import { CustomerNotFoundError } from "../../../customers/customer-store.ts";
import type { Language } from "../../language.ts";
import { viewerOf } from "../../viewer.ts";
import { type Attempts, returnPath } from "./attempts.ts";
import { leavingBody } from "./leaving-view.ts";
import { type IntegrationsDeps, type Place, userIdOf } from "./places.ts";
import { sendList } from "./send-list.ts";
import { integrationsWords } from "./words.ts";

/** What a consent is begun with. */
export type Beginning = {
  readonly provider: string;
  /** The integration that is to be connected again. */
  readonly again?: { readonly id: string; readonly accountEmail: string | null };
};

export type Begin = ReturnType<typeof createBegin>;

/**
 * Begins a consent, and goes on to the provider from a page: browsers apply `form-action` to where the answer to a form
 * redirects, and that may be any provider or shop.
 */
export function createBegin(deps: IntegrationsDeps, attempts: Attempts) {
  const { pages, publicUrl, integrationsApi } = deps;
  const redirectUri = `${publicUrl}${returnPath}`;
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    place: Place,
    { provider, again }: Beginning,
  ): Promise<FastifyReply> => {
    const viewer = viewerOf(request);
    const caller = callerOf(request);
    const { customerId } = place;
    const asked = { userId: userIdOf(caller), organizationId: customerId, provider, redirectUri };
    const loginHint = again?.accountEmail ?? undefined;
    try {
      const { authorizationUrl, state } = await integrationsApi.initiate({
        ...{ ...asked, integrationId: again?.id, loginHint },
      });
      const providers = await integrationsApi.providers();
      // A removal that begins after this ends the consent too.
      if (!(await place.isStaying())) throw new CustomerNotFoundError();
      attempts.remember(reply, state, { customerId, integrationId: again?.id ?? null });
      const name = providers.find((one) => one.provider === provider)?.name ?? provider;
      reply.headers({ refresh: `0; url=${authorizationUrl}`, "cache-control": "no-store" });
      const body = leavingBody(viewer, { name, authorizationUrl, path: place.path });
      return await pages.send(request, reply, place.page(viewer, body));
    } catch (error) {
      const problem = explainNotBegun(error, viewer.language, { caller, redirectUri });
      if (problem === undefined) throw error;
      return sendList(deps, request, reply.code(409), place, problem);
    }
  };
}

/** What is said here of a consent that can't be begun; undefined: nothing, since it is no fault of what was chosen. */
function explainNotBegun(
  error: unknown,
  language: Language,
  { caller, redirectUri }: { caller: Caller; redirectUri: string },
): string | undefined {
  if (!(error instanceof IntegrationsApiError)) return undefined;
  const { provider, refused, returnUrl, returnUrlForOthers } = integrationsWords[language].notStarted;
  if (error.code === "INVALID_PROVIDER") return provider;
  if (error.code === "VALIDATION_ERROR") return refused;
  if (error.code !== "REDIRECT_URI_REFUSED") return undefined;
  return mayDo(caller, "administer", true) ? returnUrl(redirectUri) : returnUrlForOthers;
}
