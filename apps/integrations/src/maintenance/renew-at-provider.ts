import type { AccountClients, AccountRenewalOutcome, AccountTokens } from "@cita/providers/accounts";
import type { RenewalOutcome } from "@cita/token-store";
import type { IntegrationAccess } from "../integrations/integration.ts";

/** Renews an access at its own provider, by one request. It never throws: a failure is an outcome. */
export function createRenewIntegration(clients: AccountClients) {
  return async (access: IntegrationAccess): Promise<RenewalOutcome<AccountTokens>> => {
    const client = clients.get(access.provider);
    if (client === undefined) return { kind: "misconfigured", reason: "provider_not_configured" };
    // With another client the provider answers as if the access had been taken back (RFC 6749, section 5.2).
    if (client.clientId !== access.clientId) return { kind: "misconfigured", reason: "client_changed" };
    return toOutcome(await client.renew(access));
  };
}

function toOutcome(outcome: AccountRenewalOutcome): RenewalOutcome<AccountTokens> {
  switch (outcome.kind) {
    case "renewed":
      return { kind: "ok", tokens: outcome.tokens };
    case "not_renewable":
      return { kind: "not_renewable" };
    // Of a renewal they say nothing that lasts.
    case "unauthorized":
    case "refused":
      return { ...outcome, kind: "transient" };
    case "reauth_required":
    case "confirm_later":
      return { kind: outcome.kind, reason: outcome.reason };
    default:
      return { ...outcome, kind: outcome.kind };
  }
}
