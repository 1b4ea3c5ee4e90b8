/**
 * Stores connections and consent links with every secret sealed, and provides access tokens, which it renews under a lease.
 * `token-store.ts` and `calendar-state.ts` are the contract, `access-tokens.ts` is that of access tokens, and `schema.ts`
 * has the tables. Requests to providers, and what their responses mean, are in packages/providers; the consent's pages are
 * in packages/consent.
 */

// The store

export type { CustomerKey } from "./customer-key.ts";
export { openTokenStore, type SealedRows, type TokenStoreDeps } from "./open-token-store.ts";
export {
  type AttemptOutcome,
  type AttemptTarget,
  type ConnectedAccount,
  type Connection,
  type ConnectionCounts,
  type ConnectionStatus,
  type ConnectionStore,
  type ConsentAttempt,
  type ConsentLink,
  ConsentLinkChangedError,
  type ConsentLinkRequest,
  type ConsentLinkState,
  type ConsentLinkStore,
  type ConsentOutcome,
  type Grant,
  type GrantedAccount,
  type IssuedLink,
  type LastAttempt,
  type LateOutcome,
  type LinkOutcome,
  type OnConnected,
  type ProviderCounts,
  type RefreshedTokens,
  type TokenStore,
} from "./token-store.ts";

// Whether connected calendars answer

export {
  type CalendarObstacle,
  type CalendarRecord,
  type CalendarState,
  type CalendarStateName,
  type CalendarStateStore,
  calendarStateNames,
  type DueCalendar,
  isProblemState,
  unknownCalendarState,
} from "./calendar-state.ts";

// Access tokens

export {
  AccessTokenError,
  type AccessTokens,
  type RefreshOutcome,
  type RenewConnection,
} from "./access-tokens.ts";
export { createAccessTokens } from "./create-access-tokens.ts";
export { createKeepAlive } from "./keep-alive.ts";

// Keys

export { generateFernetKey, parseFernetKey } from "./fernet.ts";
export { createKeyRing, type KeyRing, SealError } from "./key-ring.ts";

// What operators run

export {
  checkKeys,
  findDamagedConnections,
  formatKeyUse,
  isNeeded,
  type KeyReport,
  type KeyUse,
  opensStored,
} from "./check-keys.ts";
export { countConnected, findFailingCalendars } from "./count-connections.ts";
export { type ForgettingDeps, type Forgotten, forgetKey } from "./forget-key.ts";
export { tokenStoreMigrations } from "./migrations.ts";
export type { UnopenedRow } from "./reseal.ts";
export { type Rotation, type RotationProgress, rotateKeys } from "./rotate-keys.ts";
