/**
 * Stores connections and consent links with every secret sealed, and provides access tokens, which it renews under a lease.
 * `token-store.ts` and `calendar-state.ts` are the contract, `access-tokens.ts` is that of access tokens, `renewable.ts`
 * that of whatever else is renewed, and `schema.ts` has the tables. Requests to providers, and what their responses mean,
 * are in packages/providers; the consent's pages are in packages/consent.
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
export { createRenewedAccess, type RenewedAccessDeps } from "./create-renewed-access.ts";
export { createKeepAlive } from "./keep-alive.ts";
export { isLeaseFree, noLease } from "./refresh-leases.ts";
export type { Renewable, RenewableStore, RenewalOutcome, RenewalWords, RenewedTokens } from "./renewable.ts";
export { saveRepeatedly } from "./save-repeatedly.ts";

// Keys

export { encryptionKeysVariable } from "./encryption-variable.ts";
export { generateFernetKey, parseFernetKey } from "./fernet.ts";
export {
  createKeyRing,
  hashSecret,
  type KeyRing,
  openStored,
  SealError,
  type SealedPlace,
} from "./key-ring.ts";

// What operators run

export {
  type CountedUse,
  checkKeys,
  findDamagedConnections,
  formatKeyUse,
  isNeeded,
  type KeyReport,
  type KeyUse,
  opensStored,
  reportKeys,
} from "./check-keys.ts";
export { countConnected, findFailingCalendars } from "./count-connections.ts";
export { expectKeys, KeysMissingError } from "./expect-keys.ts";
export { type ForgettingDeps, type Forgotten, forgetKey } from "./forget-key.ts";
export { tokenStoreMigrations } from "./migrations.ts";
export { resealTable, resealTokens, type UnopenedRow } from "./reseal.ts";
export {
  createSealedTokens,
  type Rotation,
  type RotationProgress,
  rotateKeys,
  type SealedStore,
} from "./rotate-keys.ts";
