import type { AccountProvider, AccountRenewal } from "@cita/providers/accounts";

/** How a provider's tokens and token responses are. Lifetimes are in seconds; null: without end. */
export type TokenTraits = {
  readonly accessLifetime: number | null;
  /** Of an access token that comes without a refresh token. */
  readonly accessLifetimeAlone: number | null;
  readonly refreshLifetime: number | null;
  readonly givesRefreshTokens: boolean;
  /** Whether a renewal says a refresh token again that stays the same. */
  readonly repeatsRefreshToken: boolean;
  /** `zero`: 0 stands for never. */
  readonly expiresIn: "said" | "omitted" | "zero";
  readonly tokenType: string | null;
  readonly saysScope: boolean;
  /** Comes behind the redirect URI. */
  readonly fragment: string;
};

const dayS = 86_400;

/** What differs from RFC 6749, section 5.1, and from an hour, by the provider's id. */
const oddTraits: Readonly<Record<string, Partial<TokenTraits>>> = {
  gmail: { repeatsRefreshToken: false },
  youtube: { repeatsRefreshToken: false },
  "google-ads": { repeatsRefreshToken: false },
  facebook: { saysScope: false, fragment: "_=_" },
  "meta-ads": { saysScope: false, fragment: "_=_" },
  instagram: { tokenType: null, fragment: "_" },
  tiktok: { accessLifetime: 7_200, refreshLifetime: 180 * dayS },
  "tiktok-ads": { tokenType: null },
  twitter: { accessLifetime: 7_200 },
  // Only approved partners get refresh tokens.
  linkedin: { givesRefreshTokens: false, refreshLifetime: 365 * dayS },
  hubspot: { accessLifetime: 1_800, saysScope: false },
  salesforce: { expiresIn: "omitted" },
  shopify: { tokenType: null, refreshLifetime: 90 * dayS, accessLifetimeAlone: null },
  mailchimp: { expiresIn: "zero", saysScope: false },
  // Only with token rotation on.
  slack: { tokenType: "bot", givesRefreshTokens: false, accessLifetime: 43_200, accessLifetimeAlone: null },
  discord: { accessLifetime: 7 * dayS },
  paypal: { accessLifetime: 900 },
};

export function traitsOf({ id, grant, renewal }: AccountProvider): TokenTraits {
  const hasExchanges = grant.kind === "authorization_code" && grant.exchanges.length > 0;
  const accessLifetime = hasExchanges ? 3_600 : accessLifetimeOf(renewal);
  const odd = oddTraits[id] ?? {};
  return {
    ...{ accessLifetime, accessLifetimeAlone: odd.accessLifetime ?? accessLifetime, refreshLifetime: null },
    ...{ givesRefreshTokens: renewal.kind === "refresh_token", repeatsRefreshToken: true },
    ...{ expiresIn: "said", tokenType: "Bearer", saysScope: true, fragment: "" },
    ...odd,
  };
}

function accessLifetimeOf({ kind, accessLifetimeSeconds }: AccountRenewal): number | null {
  return kind === "refresh_token" ? (accessLifetimeSeconds ?? 3_600) : accessLifetimeSeconds;
}
