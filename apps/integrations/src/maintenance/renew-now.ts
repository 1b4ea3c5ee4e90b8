import type { ErrorCode } from "@cita/integrations-api";
import type { AccountClients } from "@cita/providers/accounts";
import { AccessTokenError } from "@cita/token-store";
import { IntegrationError, notFound } from "../answers/integration-error.ts";
import type { Integration, IntegrationStore } from "../integrations/integration.ts";
import type { IntegrationChecks } from "./check-integration.ts";

/** Renews an integration's access because somebody asks for it. @throws IntegrationError */
export type RenewNow = (id: string) => Promise<Integration>;

export function createRenewNow(deps: {
  readonly integrations: Pick<IntegrationStore, "find" | "findAccess">;
  readonly clients: AccountClients;
  readonly checks: Pick<IntegrationChecks, "renew">;
}): RenewNow {
  const { integrations, clients, checks } = deps;
  return async (id) => {
    const access = await integrations.findAccess(id);
    if (access === undefined)
      throw new IntegrationError("TOKEN_EXPIRED", "It has no access any more. Connect it again.");
    if (!access.isActive)
      throw new IntegrationError(
        "REFRESH_FAILED",
        "It is paused, and isn't renewed until it is active again.",
      );
    const provider = clients.get(access.provider)?.provider;
    const needsRefreshToken = provider?.renewal.kind === "refresh_token";
    if (provider?.renewal.kind === "none" || (needsRefreshToken && access.refreshToken === null)) {
      const message = `${provider.name} has no renewal for this access. It lasts until it ends or is taken back.`;
      throw new IntegrationError("REFRESH_FAILED", message);
    }
    try {
      await checks.renew(access);
    } catch (error) {
      if (error instanceof AccessTokenError)
        throw new IntegrationError(codes[error.code], error.message, { cause: error });
      throw error;
    }
    const renewed = await integrations.find(id);
    if (renewed === undefined) throw notFound();
    return renewed;
  };
}

const codes: Readonly<Record<AccessTokenError["code"], ErrorCode>> = {
  not_connected: "TOKEN_EXPIRED",
  reconnect_required: "TOKEN_EXPIRED",
  refresh_misconfigured: "REFRESH_FAILED",
  refresh_failed: "PROVIDER_ERROR",
  refresh_rate_limited: "RATE_LIMITED",
};
