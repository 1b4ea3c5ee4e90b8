import type { AuthorizationCodeGrant, Values } from "@cita/providers/accounts";
import type { Answer } from "../answer.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";
import { consentPage, refusalPage } from "./authorization-page.ts";
import { type AuthorizationRequest, readAuthorizationRequest } from "./authorization-request.ts";
import { readConsent } from "./consent-form.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { defaultAccount } from "./given-keys.ts";
import { PageRefusal } from "./page-refusal.ts";
import { responseProofs } from "./response-proofs.ts";

/**
 * The authorization endpoint (RFC 6749, section 3.1). `GET` shows the page, `POST` to the same URL takes its form, as
 * `readConsent` has it. The answer is a redirect with the code, or with `error=access_denied`; a request that fails its
 * checks is a page, never a redirect.
 */
export function authorizationEndpoints(
  standIn: StandIn,
  group: ProviderGroup,
  { authorization }: AuthorizationCodeGrant,
): readonly Endpoint[] {
  const at = (method: string) => endpointAt(group.lead, method, authorization.url);
  const read = readAuthorizationRequest.bind(undefined, group, authorization);
  return [
    {
      ...at("GET"),
      answer: orPage(group, (incoming, urlValues) => {
        const { scopes, loginHint = defaultAccount } = read(incoming, urlValues);
        return consentPage(group, { account: loginHint, scopes, operator: "Cita" });
      }),
    },
    {
      ...at("POST"),
      answer: orPage(group, (incoming, urlValues) => {
        const request = read(incoming, urlValues);
        const consent = readConsent(incoming.body, request.scopes);
        if (!consent.isAllowed) return redirect({ error: "access_denied" }, request);
        const { account, scopes } = consent;
        const code = standIn.codes.give({ ...request, groupId: group.id, account, scopes });
        return redirect({ [authorization.codeParameter]: code }, request);
      }),
    },
  ];

  function redirect(outcome: Values, { redirectUri, state, inputs }: AuthorizationRequest): Answer {
    const query = { ...outcome, ...(state !== undefined && { state }) };
    const url = new URL(redirectUri);
    const proven = responseProofs[authorization.responseCheck](query, { inputs, now: standIn.now() });
    for (const [name, value] of Object.entries(proven)) url.searchParams.set(name, value);
    url.hash = group.traits.fragment;
    return { kind: "redirect", url: url.href };
  }
}

/** Answers a request that a browser has made, also where it is refused. */
export function orPage(group: ProviderGroup, answer: Endpoint["answer"]): Endpoint["answer"] {
  return async (incoming, urlValues) => {
    try {
      return await answer(incoming, urlValues);
    } catch (error) {
      if (!(error instanceof PageRefusal)) throw error;
      return refusalPage(group, error);
    }
  };
}
