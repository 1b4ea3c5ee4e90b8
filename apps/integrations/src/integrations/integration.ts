import type { Account, AccountTokens, Values } from "@cita/providers/accounts";

/**
 * An account at a provider that belongs to a person, or to a customer of the platform where it has an organization
 * (source 003's Integration). One account is connected once for each owner: connecting it again keeps the id.
 */
export type Integration = {
  /** A UUID. */
  readonly id: string;
  /** Who has connected it, or for whom a program did. */
  readonly userId: string;
  /** The `customer_id` that it belongs to; null: it is the user's own. */
  readonly organizationId: string | null;
  /** The provider's id in the registry, such as `meta-ads`. */
  readonly provider: string;
  /** The provider's own id of the account. */
  readonly accountId: string;
  readonly name: string;
  readonly email: string | null;
  /** False: nothing is done with it. It may have no tokens any more. */
  readonly isActive: boolean;
  /** Whether it has tokens. Without them it is inactive. */
  readonly isConnected: boolean;
  readonly tokenType: string | null;
  /** When the access token expires; null: never, or it isn't known. */
  readonly expiresAt: Date | null;
  /** When the access ends, whatever is renewed; null: not known, or never. */
  readonly accessEndsAt: Date | null;
  /** When it is renewed; null: it needs no renewal, or can't be renewed. */
  readonly renewAt: Date | null;
  readonly scopes: readonly string[];
  /** What the person was asked for, such as the shop: never secret. */
  readonly inputs: Values;
  /** The caller's own. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When something of it was read or renewed successfully. */
  readonly lastSyncAt: Date | null;
  /** What is wrong, in a sentence; null: nothing that is known. */
  readonly lastError: string | null;
  /** What that is about; null: nothing, or it was noted before there were kinds. */
  readonly problem: "lost" | Obstacle | null;
  /** Since when only a new consent helps; null: it isn't lost. */
  readonly reconnectRequiredSince: Date | null;
  readonly reconnectReason: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** An integration with its secrets, for requests to its provider. */
export type IntegrationAccess = Integration &
  AccountTokens & {
    readonly clientId: string;
    /** Who has consented: what ends their grant ends all that it has given. */
    readonly grantor: string;
    /** Ascends with each save. */
    readonly version: number;
  };

/** Whose integrations: an organization's, or a person's own, which belong to no organization. */
export type IntegrationOwner = { readonly organizationId: string } | { readonly userId: string };

/** What a provider has granted, for an owner. */
export type ObtainedIntegration = {
  readonly userId: string;
  readonly organizationId: string | null;
  readonly provider: string;
  readonly account: Pick<Account, "id" | "name" | "email"> & Partial<Pick<Account, "grantor">>;
  readonly tokens: AccountTokens;
  readonly scopes: readonly string[];
  readonly inputs: Values;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly clientId: string;
};

export type IntegrationFilter = {
  readonly userId?: string | undefined;
  readonly organizationId?: string | undefined;
  /** Only what is the owner's. */
  readonly owner?: IntegrationOwner | undefined;
  readonly provider?: string | undefined;
  readonly isActive?: boolean | undefined;
  /** The ids after this one, in order. */
  readonly after?: string | undefined;
  readonly limit: number;
};

/** Stored integrations. Callers pass and get secrets in the clear; they are stored sealed. */
export type IntegrationStore = {
  /** Without opening a secret. */
  find(id: string): Promise<Integration | undefined>;
  list(filter: IntegrationFilter): Promise<Integration[]>;
  /**
   * With its secrets; undefined where there is none with tokens.
   * @throws SealError where they can't be opened, or belong to another owner.
   */
  findAccess(id: string): Promise<IntegrationAccess | undefined>;
  /**
   * Stores what the consent of a consumed state has obtained, in one transaction with the event: a new integration, or the
   * owner's earlier one of the same account, active again.
   * @throws OAuthStateOverError where the state has connected something already, or its owner has been removed meanwhile.
   */
  connect(stateId: string, obtained: ObtainedIntegration): Promise<Integration>;
  /**
   * Without tokens it stays inactive. A renewal that is under way is saved all the same.
   * @returns undefined where there is none.
   */
  update(id: string, changes: IntegrationChanges): Promise<Integration | undefined>;
  /**
   * Erases the tokens and deactivates it.
   * @param isRevoked whether the provider has confirmed that the access is ended; told by the event.
   * @param version of the access that is ended: one that was obtained since stays. undefined: whatever there is.
   * @returns how it is then; undefined where there is none.
   */
  disconnect(id: string, isRevoked: boolean, version?: number): Promise<Integration | undefined>;
  /** Other integrations by the same grantor's consent to the same client, whose access a revocation might end too. */
  countSiblings(access: IntegrationAccess, providers: readonly string[]): Promise<number>;
  idsOf(owner: IntegrationOwner): Promise<string[]>;
  /**
   * Deletes an owner's integrations with their logs, and its open states, of a person also those for organizations: what is
   * under way for it connects nothing any more. Events stay here. @returns how many integrations there were.
   */
  removeOwner(owner: IntegrationOwner): Promise<number>;

  /** Saves renewed tokens unless somebody has saved since `access` was read. @returns whether it was saved. */
  saveRenewed(access: IntegrationAccess, tokens: AccountTokens): Promise<boolean>;
  /** Takes the right to renew, across processes, until a time. */
  acquireRefreshLease(access: IntegrationAccess, owner: string, until: Date): Promise<boolean>;
  releaseRefreshLease(access: IntegrationAccess, owner: string): Promise<void>;
  /** Remembers that its provider says it is lost. @returns since when it says so, without a success in between. */
  suspectLoss(access: IntegrationAccess): Promise<Date>;
  /** Records that only a new consent helps, unless somebody has saved since. @returns whether it was recorded. */
  requireReconnect(access: IntegrationAccess, loss: Loss): Promise<boolean>;
  /**
   * Active integrations of a provider that are due, the longest overdue ones first. In the same statement they become due
   * again at `again`, so that each is returned to one process only.
   */
  takeDue(what: "renewal" | "probe", provider: string, limit: number, again: Date): Promise<string[]>;
  /** Records a successful request: when, and when the next probe is due. Clears `lastError`. */
  recordSuccess(id: string, next: { readonly probeDue: Date }): Promise<void>;
  /** Records a failure that leaves it connected, as an event where the sentence is a new one. */
  recordError(id: string, error: ObstacleMet): Promise<void>;

  countByState(): Promise<readonly IntegrationCount[]>;
  /** Rejects where the database doesn't answer. */
  check(): Promise<void>;
};

export type IntegrationChanges = {
  readonly name?: string | undefined;
  readonly isActive?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
};

/** `reason` is a provider's code or ours, `message` a sentence that says what to do. */
export type Loss = { readonly reason: string; readonly message: string };

/** What keeps an integration from being used, although it is connected. */
export const obstacles = ["refused", "misconfigured", "unreachable", "rate_limited"] as const;
export type Obstacle = (typeof obstacles)[number];

export type ObstacleMet = Loss & { readonly obstacle: Obstacle };

export type IntegrationCount = {
  readonly provider: string;
  readonly state: "connected" | "error" | "reconnect_required" | "inactive";
  readonly count: number;
};
