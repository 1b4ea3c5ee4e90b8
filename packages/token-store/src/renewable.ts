/** The contract of what is renewed, whoever's it is: calendars' connections, and others' in tables of their own. */

/** An access token that is renewed, as it is stored. */
export type Renewable = {
  readonly accessToken: string;
  /** Null: it doesn't expire, or it isn't known when. */
  readonly tokenExpiry: Date | null;
  /** Since when only a new consent helps; null: it isn't lost. */
  readonly reconnectRequiredSince: Date | null;
  readonly reconnectReason: string | null;
};

export type RenewedTokens = { readonly accessToken: string };

/** Where accesses are stored. Everything but `find` is refused where somebody has saved since the access was read. */
export type RenewableStore<Key, Stored extends Renewable, Tokens extends RenewedTokens> = {
  /** @returns undefined where there is none that may be used. */
  find(key: Key): Promise<Stored | undefined>;
  /** Ends the lease, too. @returns whether it was saved. */
  saveRefreshed(stored: Stored, tokens: Tokens): Promise<boolean>;
  /** Takes the right to renew, across processes, until a time. @returns whether it was taken. */
  acquireRefreshLease(stored: Stored, owner: string, until: Date): Promise<boolean>;
  /** Gives the lease back without saving. */
  releaseRefreshLease(stored: Stored, owner: string): Promise<void>;
  /** Records that only a new consent helps. @returns whether it was recorded. */
  requireReconnect(stored: Stored, reason: string): Promise<boolean>;
};

/** How a renewal ended. */
export type RenewalOutcome<Tokens extends RenewedTokens> =
  | { readonly kind: "ok"; readonly tokens: Tokens }
  | { readonly kind: "reauth_required"; readonly reason: string }
  /** There is no renewal for this access, or not yet. It is used while it is valid, and lost afterwards. */
  | { readonly kind: "not_renewable" }
  /** The access is lost if `confirmLoss` says so; until then the failure may pass. */
  | { readonly kind: "confirm_later"; readonly reason: string }
  | {
      readonly kind: "misconfigured" | "transient" | "rate_limited";
      readonly reason: string;
      /** The provider's `Retry-After`. */
      readonly retryAfterMs?: number | undefined;
      /** Set where no response came. */
      readonly cause?: unknown;
    };

/** Sentences of errors that depend on what is connected. */
export type RenewalWords = {
  readonly notConnected: string;
  readonly reconnectRequired: (reason: string) => string;
};
