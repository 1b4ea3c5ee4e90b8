import type { Database, Precondition } from "@cita/database";
import type { AppendEvent } from "@cita/events";
import type { CalendarState, CalendarStateName, CalendarStateStore } from "./calendar-state.ts";
import type { CustomerKey } from "./customer-key.ts";

/**
 * The contract of the token store, for any database. A customer has one connection, with an account of any provider.
 * Callers pass and get secrets in the clear; they are stored sealed.
 */
export type TokenStore = {
  readonly connections: ConnectionStore;
  readonly consentLinks: ConsentLinkStore;
  readonly calendarStates: CalendarStateStore;
  /**
   * Completes an attempt in one transaction: saves the tokens, removes the customer's connection with another account or
   * provider, marks the link as used, records the outcome.
   * @throws ConsentLinkChangedError where the link was used, revoked or changed while the business was at the provider.
   * Nothing is stored then.
   */
  completeConsent(attempt: ConsentAttempt, grant: Grant): Promise<void>;
  /**
   * Deletes a customer's tokens and revokes its live link in one transaction, so that an earlier link can't connect the
   * customer again.
   * @param isRevoked whether the provider has confirmed that the grant is ended; told by the event.
   * @returns whether there were tokens.
   */
  disconnect(customerId: string, isRevoked: boolean): Promise<boolean>;
  /** Rejects where the database doesn't answer. */
  check(): Promise<void>;
};

/** An account that is being connected. `isSame`: it is known to be the one that was connected before. */
export type ConnectedAccount = {
  readonly customerId: string;
  readonly provider: string;
  readonly accountId: string | null;
  readonly isSame: boolean;
};

/** What others do within the transaction that connects an account. */
export type OnConnected = (trx: Database, append: AppendEvent, connected: ConnectedAccount) => Promise<void>;

/** What a provider granted at the end of a consent. */
export type Grant = {
  readonly accessToken: string;
  /** Null: the provider gives none. */
  readonly refreshToken: string | null;
  readonly tokenExpiry: Date;
  /** When an unused access has to be renewed; null: never. */
  readonly renewAt: Date | null;
  /** When the access ends, whatever is renewed; null: not known, or never. */
  readonly accessEndsAt: Date | null;
  /** Our OAuth client that it was granted to. Null: connected before it was stored. */
  readonly clientId: string | null;
  readonly calendarEmail: string | null;
  /** The provider's own id of the account (Google's `sub`), which doesn't change with the address. */
  readonly accountId: string | null;
  readonly scope: string;
};

/** A customer's connection without its secrets. */
export type ConnectionStatus = CustomerKey & {
  readonly connectionId: string;
  readonly clientId: string | null;
  readonly calendarEmail: string | null;
  /** The provider's own id of the account. Null: connected before it was stored, and not known since. */
  readonly accountId: string | null;
  /** When the business consented. */
  readonly connectedAt: Date;
  /** When the newest access token expires. */
  readonly tokenExpiry: Date;
  /** When the access ends, whatever is renewed; null: not known, or never. */
  readonly accessEndsAt: Date | null;
  readonly reconnectRequiredSince: Date | null;
  readonly reconnectReason: string | null;
  /** The calendar's own IANA time zone, as it was last read. Null: not read yet. */
  readonly timeZone: string | null;
  readonly calendarState: CalendarState;
};

export type Connection = ConnectionStatus & Grant & { readonly version: number };

export type ConnectionStore = {
  /** @throws SealError when the row's secrets can't be opened or belong to another customer. */
  find(key: CustomerKey): Promise<Connection | undefined>;
  /** Statuses of the customers that have a connection, without opening any secret. */
  statuses(customerIds: readonly string[]): Promise<ConnectionStatus[]>;
  /**
   * Saves a refreshed access token, unless somebody has saved since `connection` was read. Without a `refreshToken` the
   * stored one stays. An `accountId` is stored only where none is known yet.
   * @returns whether it was saved.
   */
  saveRefreshed(connection: Connection, refreshed: RefreshedTokens): Promise<boolean>;
  /**
   * Takes the right to refresh, across processes, until a time. It fails where somebody has saved since the connection was
   * read, or somebody else has the lease. Saving ends the lease.
   * @returns whether it was taken.
   */
  acquireRefreshLease(connection: Connection, owner: string, until: Date): Promise<boolean>;
  /** Gives the lease back without saving. */
  releaseRefreshLease(connection: Connection, owner: string): Promise<void>;
  /** Stores the time zone that a reading of the calendar has shown. It outlasts a new consent, until the next reading. */
  rememberTimeZone(customerId: string, timeZone: string): Promise<void>;
  /**
   * Returns a provider's connections that aren't lost and whose renewal is due, the longest overdue ones. In the same
   * statement they become due again a day later, so that one whose renewal fails doesn't hold up those behind it, and each
   * is returned to one process only.
   */
  takeDueForRenewal(provider: string, limit: number): Promise<CustomerKey[]>;
  /**
   * Records that only a new consent helps, unless somebody has saved since. In the same transaction the live link is kept,
   * or one is made that only the lost account may use.
   * @returns the lost connection; undefined where nothing was recorded.
   */
  requireReconnect(connection: Connection, reason: string): Promise<ConnectionStatus | undefined>;
  /** How many customers are in each state. It opens no secret. */
  countByState(providers: readonly string[]): Promise<ConnectionCounts>;
  /**
   * Whether another customer is connected with the same account by the same client: by the account's id, or its address
   * where one has no id.
   */
  isAccountShared(status: ConnectionStatus): Promise<boolean>;
  /** Whether any customer is connected with this account by this client, in the same sense. */
  isAccountConnected(account: GrantedAccount): Promise<boolean>;
};

/** An account, and our client that it has granted an access to. */
export type GrantedAccount = Pick<ConnectionStatus, "provider" | "clientId" | "calendarEmail" | "accountId">;

export type ConnectionCounts = {
  /** Customers without a connection, with a link that was neither used nor revoked. */
  readonly pending: number;
  readonly ofProviders: ReadonlyMap<string, ProviderCounts>;
};

export type ProviderCounts = {
  readonly connected: number;
  readonly reconnectRequired: number;
  /** Since when the longest lost connection needs a new consent. */
  readonly oldestReconnectRequired: Date | null;
  /** How many connected calendars are in each state. */
  readonly calendars: Readonly<Record<CalendarStateName, number>>;
};

export type RefreshedTokens = {
  readonly accessToken: string;
  readonly tokenExpiry: Date;
  readonly renewAt: Date | null;
  /** Left out: the stored one stays. */
  readonly refreshToken?: string | undefined;
  /** Left out: the stored one stays. */
  readonly accessEndsAt?: Date;
  /** The provider's id of the account, where the response has it. */
  readonly accountId?: string;
};

export type ConsentLink = {
  readonly id: number;
  readonly customerId: string;
  /** The one provider that may be connected; null: the business chooses. */
  readonly provider: string | null;
  /**
   * 256 bits in base64url, with which anybody can connect a calendar to this customer. Null for a link that isn't live,
   * unless it was found by its token, and for a link that no configured key opens.
   */
  readonly token: string | null;
  /** The address of the account that is expected to consent; null: not known. */
  readonly customerEmail: string | null;
  readonly customerName: string | null;
  /** True: any account may consent, whatever `customerEmail` and `accountId` are. */
  readonly anyAccount: boolean;
  /** The provider's id of the one account that may consent, whatever its address is. Null: `customerEmail` decides. */
  readonly accountId: string | null;
  readonly expiresAt: Date;
  readonly state: ConsentLinkState;
};

/** A link that can be shown. */
export type IssuedLink = ConsentLink & { readonly token: string };

/** The link was used, revoked or changed during the consent. */
export class ConsentLinkChangedError extends Error {
  override readonly name = "ConsentLinkChangedError";
  readonly code = "consent_link_changed";
  constructor() {
    super("The consent link was used, revoked or changed in the meantime.");
  }
}

export type ConsentLinkState = "live" | "used" | "expired" | "revoked";

/**
 * A request for a link. The request says who may consent; what it leaves out stays as in the live link. A new link of a
 * request that doesn't say it accepts only the connected account, or as the previous link did. While the connection is
 * lost, the address of the link that made it says nothing, since systems repeat it.
 */
export type ConsentLinkRequest = NewLinkRequest & {
  /** The one provider that may be connected. */
  readonly provider?: string | undefined;
  readonly customerEmail?: string | undefined;
  /** Left out: the name that the previous link has. */
  readonly customerName?: string | undefined;
  readonly anyAccount?: boolean | undefined;
  /** True: the live link is revoked and a new one is made. */
  readonly renew?: boolean | undefined;
};

/** `lifetimeMs`: how long a newly made link lives. */
export type NewLinkRequest = { readonly customerId: string; readonly lifetimeMs: number };

/** Where a browser is sent, and where it has to come back: an answer of anybody else completes no attempt. */
export type AttemptTarget = {
  readonly provider: string;
  /** Null: begun before it was stored. */
  readonly clientId: string | null;
  /** Null: begun before it was stored. */
  readonly redirectUri: string | null;
};

/** One trip of one browser to a provider and back. */
export type ConsentAttempt = AttemptTarget & { readonly id: number; readonly link: ConsentLink };

/** How an attempt of a live link ended. The admin sees it as the state of the link. */
export type LinkOutcome =
  | "connected"
  | "access_denied"
  | "scope_missing"
  | "wrong_account"
  | "no_refresh_token"
  | "wrong_provider"
  | "exchange_failed";

/** How an attempt ended whose link was over, or expected another account or provider, when the browser came back. */
export const lateOutcomes = ["link_used", "link_expired", "link_revoked"] as const;
export type LateOutcome = (typeof lateOutcomes)[number];

export type ConsentOutcome = LinkOutcome | LateOutcome;

/** How an attempt of a link ended. */
export type AttemptOutcome = {
  readonly id: number;
  readonly linkId: number;
  readonly outcome: ConsentOutcome;
  readonly accountEmail: string | null;
};

export type LastAttempt = {
  readonly provider: string;
  readonly outcome: LinkOutcome;
  readonly at: Date;
  /** The account that was chosen, where the provider told. */
  readonly accountEmail: string | null;
};

export type ConsentLinkStore = {
  /** Returns the live link of a customer, updated by the request, or makes one. */
  issue(request: ConsentLinkRequest, precondition?: Precondition): Promise<IssuedLink>;
  /** A link in any state, by its token. */
  findByToken(token: string): Promise<ConsentLink | undefined>;
  /** The newest link of a customer, in any state, with the last attempt that ended while it was live. */
  latest(customerId: string): Promise<{ link: ConsentLink; lastAttempt: LastAttempt | null } | undefined>;
  /** The link by which a customer was connected last. */
  lastUsed(customerId: string): Promise<ConsentLink | undefined>;
  /** The state of each customer's newest link; customers that never had one are left out. */
  newestStates(customerIds: readonly string[]): Promise<Map<string, ConsentLinkState>>;
  /** Stores an attempt by its `state` (RFC 6749, section 10.12). Only the newest attempts of a link are kept. */
  startAttempt(link: ConsentLink, state: string, target: AttemptTarget): Promise<void>;
  /** The attempt of a `state`, for the first caller, if it began no longer ago than a state is valid. */
  consumeState(state: string, lifetimeMs: number): Promise<ConsentAttempt | undefined>;
  /** The link of a `state`, consumed or not, as long as its attempt is stored. */
  findByState(state: string): Promise<ConsentLink | undefined>;
  /** Records how a failed attempt ended. @param accountEmail of the chosen account, where it is known. */
  recordFailure(
    attempt: ConsentAttempt,
    outcome: Exclude<ConsentOutcome, "connected">,
    accountEmail: string | null,
  ): Promise<void>;
  /** How the attempts of links ended, oldest first, as long as they are stored. */
  outcomes(linkIds: readonly number[]): Promise<AttemptOutcome[]>;
  /**
   * Deletes links of a batch that were used, were revoked or expired before a date, with their attempts. The batch is in
   * the order of ids. A customer's newest link and its last used link stay.
   */
  purgeLinks(before: Date, batch: LinkBatch): Promise<PurgedBatch>;
  /**
   * Deletes attempts that began before `startedBefore`, and unreturned ones that began before `unreturnedBefore`.
   * @param limit of each of the two.
   * @returns how many were removed.
   */
  purgeAttempts(due: { startedBefore: Date; unreturnedBefore: Date }, limit: number): Promise<number>;
};

/** The next `limit` links after an id. */
export type LinkBatch = { readonly afterId: number; readonly limit: number };

/** `lastId`: where the next batch begins; undefined where there was no link after `afterId`. */
export type PurgedBatch = { readonly removed: number; readonly lastId: number | undefined };
