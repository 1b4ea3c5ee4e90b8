import type { Values } from "@cita/providers/accounts";

/** One trip of one person to a provider and back (source 003's OAuthState). It is consumed once. */
export type OAuthState = {
  /** A UUID. */
  readonly id: string;
  readonly provider: string;
  readonly userId: string;
  readonly organizationId: string | null;
  /** Where the browser ends. */
  readonly redirectUri: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What was asked for, and is known already. Never secret. */
  readonly inputs: Values;
  readonly scopes: readonly string[];
  /** The address of the account that is expected; null: any. */
  readonly loginHint: string | null;
  /** Our client, to which the answer has to belong. */
  readonly clientId: string;
  readonly expiresAt: Date;
  readonly consumedAt: Date | null;
  /** What it has connected; null: nothing. */
  readonly integrationId: string | null;
};

export type NewOAuthState = Omit<OAuthState, "id" | "consumedAt" | "integrationId"> & {
  /** 256 bits in base64url. It is stored hashed. */
  readonly state: string;
};

export type OAuthStateStore = {
  start(state: NewOAuthState): Promise<OAuthState>;
  /** In whatever condition it is, as long as it is stored. */
  find(state: string): Promise<OAuthState | undefined>;
  /** Adds what the person was asked. @returns undefined where it is over. */
  addInputs(id: string, inputs: Values): Promise<OAuthState | undefined>;
  /** Consumes it, for the one caller who goes on. @returns false where it was over already. */
  consume(id: string): Promise<boolean>;
  /** Ends one that was consumed, and has connected nothing. */
  end(id: string): Promise<void>;
  /** Deletes those that ended before a time. @returns how many. */
  purge(before: Date, limit: number): Promise<number>;
};

/** The state was consumed or has ended. */
export class OAuthStateOverError extends Error {
  override readonly name = "OAuthStateOverError";
  readonly code = "oauth_state_over";
  constructor() {
    super("This consent was completed already, or has taken too long. Start again.");
  }
}
