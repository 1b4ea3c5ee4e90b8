import type { AccountProvider } from "@cita/providers/accounts";
import { type TokenTraits, traitsOf } from "./grants/token-traits.ts";

/**
 * Providers at one authorization server, whose grants are the same: Google's, Facebook's. Most are alone. What a request
 * to the authorization server doesn't say is which of them is meant.
 */
export type ProviderGroup = {
  /** The first member's. */
  readonly id: string;
  readonly members: readonly AccountProvider[];
  /** Says how the authorization server is: the others agree. */
  readonly lead: AccountProvider;
  readonly traits: TokenTraits;
  settings: GroupSettings;
};

/** What a control has changed; undefined: as the provider is. */
export type GroupSettings = {
  readonly givesRefreshTokens?: boolean | undefined;
  /** In seconds. */
  readonly accessLifetime?: number | undefined;
  readonly refreshLifetime?: number | undefined;
};

export function groupProviders(providers: readonly AccountProvider[]): readonly ProviderGroup[] {
  const byServer = Map.groupBy(providers, ({ id, grant }) =>
    grant.kind === "authorization_code" ? grant.authorization.url : id,
  );
  return [...byServer.values()].flatMap((members) => {
    const [lead] = members;
    return lead === undefined ? [] : [{ id: lead.id, members, lead, traits: traitsOf(lead), settings: {} }];
  });
}

export type Lifetimes = { readonly access: number | null; readonly refresh: number | null };

/** In seconds, of tokens that are given now; null: without end. */
export function lifetimesOf({ traits, settings }: ProviderGroup, hasRefreshToken: boolean): Lifetimes {
  const access = hasRefreshToken ? traits.accessLifetime : traits.accessLifetimeAlone;
  return {
    access: settings.accessLifetime ?? access,
    refresh: settings.refreshLifetime ?? traits.refreshLifetime,
  };
}
