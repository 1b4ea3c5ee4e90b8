import type { CalendarState, CalendarStateName, CalendarStateStore } from "./calendar-state.ts";
import type { CustomerKey } from "./customer-key.ts";

/**
 * The contract of the token store, whatever the database. Everything is keyed by customer and provider; secrets go in
 * and come out in the clear and are sealed in between.
 */
export type TokenStore = {
  readonly connections: ConnectionStore;
  readonly consentLinks: ConsentLinkStore;
  readonly calendarStates: CalendarStateStore;
  /**
   * Ends an attempt in success, in one transaction: tokens saved, link used, outcome recorded.
   * @throws ConsentLinkChangedError `consent_link_changed` when the link was used, revoked or changed while the business
   * was at the provider: then nothing is stored.
   */
  completeConsent(attempt: ConsentAttempt, grant: Grant): Promise<void>;
  /**
   * Forgets a customer's tokens and revokes its live link, in one transaction: what was disconnected can't be
   * connected again by a link from before.
   * @returns whether there were tokens.
   */
  disconnect(key: CustomerKey): Promise<boolean>;
  /** @throws when the database doesn't answer. */
  check(): Promise<void>;
};

/** What a provider granted at the end of a consent. */
export type Grant = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenExpiry: Date;
  readonly calendarEmail: string | null;
  /** The provider's own id of the account (Google's `sub`), which stays when the address changes. */
  readonly accountId: string | null;
  readonly scope: string;
};

/** A customer's connection without its secrets: what a status page needs. */
export type ConnectionStatus = CustomerKey & {
  readonly calendarEmail: string | null;
  /** The provider's own id of the account. Null: connected before it was kept, and not told since. */
  readonly accountId: string | null;
  /** When the business consented. */
  readonly connectedAt: Date;
  /** When the newest access token runs out. */
  readonly tokenExpiry: Date;
  readonly reconnectRequiredSince: Date | null;
  readonly reconnectReason: string | null;
  /** The calendar's own as it was last read, IANA name. Null: not read yet. */
  readonly timeZone: string | null;
  readonly calendarState: CalendarState;
};

export type Connection = ConnectionStatus & Grant & { readonly version: number };

export type ConnectionStore = {
  /** @throws SealError when the row's secrets can't be opened or belong to another customer. */
  find(key: CustomerKey): Promise<Connection | undefined>;
  /** Statuses of the customers that have a connection, without opening any secret. */
  statuses(customerIds: readonly string[], provider: string): Promise<ConnectionStatus[]>;
  /**
   * Saves a refreshed access token if nobody saved since `version` was read. Without a
   * `refreshToken` the stored one stays: it is never overwritten with nothing. An `accountId` is kept
   * where none is known yet.
   * @returns whether it was saved.
   */
  saveRefreshed(connection: Connection, refreshed: RefreshedTokens): Promise<boolean>;
  /**
   * Takes the right to refresh, across processes, until `until`: not where somebody saved since the
   * connection was read, or where somebody else has it. Saving ends it.
   * @returns whether it was taken.
   */
  acquireRefreshLease(connection: Connection, owner: string, until: Date): Promise<boolean>;
  /** Gives it back without having saved. */
  releaseRefreshLease(connection: Connection, owner: string): Promise<void>;
  /** Keeps the time zone that a reading of the calendar has told. After a new consent it holds until the next. */
  rememberTimeZone(key: CustomerKey, timeZone: string): Promise<void>;
  /** Connections in use whose tokens were last saved before a date, oldest first. */
  idleSince(date: Date, limit: number): Promise<CustomerKey[]>;
  /**
   * Records that only a new consent helps, if nobody saved since.
   * @returns the connection as it is then, where it was recorded.
   */
  requireReconnect(connection: Connection, reason: string): Promise<ConnectionStatus | undefined>;
  /** How many customers are in each state. It opens no secret. */
  countByState(provider: string): Promise<ConnectionCounts>;
  /** Whether another customer is connected with the same account: by its id, or its address where one has no id. */
  isAccountShared(status: ConnectionStatus): Promise<boolean>;
};

export type ConnectionCounts = {
  readonly connected: number;
  readonly reconnectRequired: number;
  /** Never connected, or not any more, with a link that nobody has used or revoked. */
  readonly pending: number;
  /** Since when the one that has waited longest needs a new consent. */
  readonly oldestReconnectRequired: Date | null;
  /** Of those that are connected: how many calendars are in each state. */
  readonly calendars: Readonly<Record<CalendarStateName, number>>;
};

export type RefreshedTokens = {
  readonly accessToken: string;
  readonly tokenExpiry: Date;
  /** Left out: the stored one stays. */
  readonly refreshToken?: string | undefined;
  /** Whose access it is, where the answer told. */
  readonly accountId?: string;
};

export type ConsentLink = CustomerKey & {
  readonly id: number;
  /**
   * 256 bits in base64url. Whoever holds it may connect a calendar to this customer. Null for a link
   * that isn't live, unless it was found by its token, and for one that no configured key opens.
   */
  readonly token: string | null;
  /** Who is expected to consent; null: not known. */
  readonly customerEmail: string | null;
  readonly customerName: string | null;
  /** True: any account may consent, whatever the others say. */
  readonly anyAccount: boolean;
  /** The one account that may consent, by the provider's id, whatever its address is now. Null: the one of `customerEmail`. */
  readonly accountId: string | null;
  readonly expiresAt: Date;
  readonly state: ConsentLinkState;
};

/** A link that can be shown. */
export type IssuedLink = ConsentLink & { readonly token: string };

/** The consent was given for what a link said before. `code`: `consent_link_changed`. */
export class ConsentLinkChangedError extends Error {
  override readonly name = "ConsentLinkChangedError";
  readonly code = "consent_link_changed";
  constructor() {
    super("The consent link was used, revoked or changed in the meantime.");
  }
}

export type ConsentLinkState = "live" | "used" | "expired" | "revoked";

export type ConsentLinkRequest = CustomerKey & {
  /** Left out: what the live link says stays. */
  readonly customerEmail?: string | undefined;
  readonly customerName?: string | undefined;
  readonly anyAccount?: boolean | undefined;
  /** Left out: the account that the link before demands, unless the request names another address. */
  readonly accountId?: string | null | undefined;
  /** True: the live link is revoked and a new one is made. */
  readonly renew?: boolean | undefined;
  /** How long a newly made link lives. */
  readonly lifetimeMs: number;
};

/** One trip of one browser to the provider and back. */
export type ConsentAttempt = { readonly id: number; readonly link: ConsentLink };

/** How an attempt ended. The admin sees it as the state of the link. */
export type ConsentOutcome =
  | "connected"
  | "access_denied"
  | "scope_missing"
  | "wrong_account"
  | "no_refresh_token"
  | "exchange_failed";

export type LastAttempt = {
  readonly outcome: ConsentOutcome;
  readonly at: Date;
  /** The account that was chosen, where the provider told. */
  readonly accountEmail: string | null;
};

export type ConsentLinkStore = {
  /** The live link of a customer, made if there is none: repeating the request returns the same link. */
  issue(request: ConsentLinkRequest): Promise<IssuedLink>;
  /**
   * The same where only a new consent helps the customer's connection. A live link stays as it is, whatever
   * the request expects.
   * @returns undefined for a connection that isn't lost, or is no more: it was renewed or removed meanwhile.
   */
  issueForLost(request: Omit<ConsentLinkRequest, "renew">): Promise<IssuedLink | undefined>;
  /** Any link ever made, in whatever state, by its token. */
  findByToken(token: string): Promise<ConsentLink | undefined>;
  /** The newest link of a customer, in whatever state, with how its last attempt ended. */
  latest(key: CustomerKey): Promise<{ link: ConsentLink; lastAttempt: LastAttempt | null } | undefined>;
  /** The link by which a customer was connected last. */
  lastUsed(key: CustomerKey): Promise<ConsentLink | undefined>;
  /** The state of each customer's newest link; customers that never had one are left out. */
  newestStates(customerIds: readonly string[], provider: string): Promise<Map<string, ConsentLinkState>>;
  /** Keeps an attempt under its `state` (RFC 6749, section 10.12). Of a link's attempts only the newest are kept. */
  startAttempt(link: ConsentLink, state: string): Promise<void>;
  /** The attempt of a `state`, for whoever asks first, within an hour of its start: a state is valid once. */
  consumeState(state: string): Promise<ConsentAttempt | undefined>;
  /** The link of a `state`, consumed or not, as long as its attempt is kept. */
  findByState(state: string): Promise<ConsentLink | undefined>;
  /** Records how an attempt ended that connected nothing. @param accountEmail where the provider told. */
  recordFailure(
    attempt: ConsentAttempt,
    outcome: Exclude<ConsentOutcome, "connected">,
    accountEmail: string | null,
  ): Promise<void>;
  /**
   * Removes those of a batch of links, in the order of their ids, that were used, were revoked or expired before a
   * date, with their attempts. A customer's newest link and the one it was connected by last stay.
   */
  purgeLinks(before: Date, batch: LinkBatch): Promise<PurgedBatch>;
  /**
   * Removes attempts that began before `startedBefore`, and attempts without a return that began before
   * `unreturnedBefore`.
   * @param limit of each of the two.
   * @returns how many were removed.
   */
  purgeAttempts(due: { startedBefore: Date; unreturnedBefore: Date }, limit: number): Promise<number>;
};

/** The next `limit` links after an id. */
export type LinkBatch = { readonly afterId: number; readonly limit: number };

/** `lastId`: where the next batch begins; undefined where there was no link after `afterId`. */
export type PurgedBatch = { readonly removed: number; readonly lastId: number | undefined };
