// Where connections and consent links are kept, with every secret sealed, and how access tokens are handed out and
// renewed. The contract is token-store.ts with calendar-state.ts; the tables are schema.ts. What a provider is asked, and
// what its answers mean, is in packages/providers; the way to a consent in packages/consent.

// The store

export type { CustomerKey } from "./customer-key.ts";
export { openTokenStore, type TokenStoreDeps } from "./open-token-store.ts";
export {
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
  type IssuedLink,
  type LastAttempt,
  type RefreshedTokens,
  type TokenStore,
} from "./token-store.ts";

// Whether connected calendars answer

export {
  type CalendarRecord,
  type CalendarState,
  type CalendarStateName,
  type CalendarStateStore,
  calendarStateNames,
  type DueCalendar,
  isCalendarTrouble,
  unknownCalendarState,
} from "./calendar-state.ts";

// Access tokens

export {
  AccessTokenError,
  type AccessTokens,
  type RefreshGrant,
  type RefreshOutcome,
} from "./access-tokens.ts";
export { createAccessTokens } from "./create-access-tokens.ts";
export { createKeepAlive, type KeepAlive } from "./keep-alive.ts";

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
export { countConnected, findTroubledCalendars } from "./count-connections.ts";
export { type Forgotten, forgetKey } from "./forget-key.ts";
export { tokenStoreMigrations } from "./migrations.ts";
export type { UnopenedRow } from "./reseal.ts";
export { type Rotation, type RotationProgress, rotateKeys } from "./rotate-keys.ts";
