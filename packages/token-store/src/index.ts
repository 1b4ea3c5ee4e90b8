export {
  AccessTokenError,
  type AccessTokens,
  createAccessTokens,
  type RefreshGrant,
  type RefreshOutcome,
} from "./access-tokens.ts";
export {
  type CalendarRecord,
  type CalendarState,
  type CalendarStateName,
  type CalendarStateStore,
  type ClaimedCalendar,
  calendarStateNames,
  isCalendarTrouble,
  unknownCalendarState,
} from "./calendar-state.ts";
export { countConnected, findTroubledCalendars } from "./calendar-states.ts";
export { checkKeys, isNeeded, type KeyReport, type KeyUse, opensStored, sayKeyUse } from "./check-keys.ts";
export {
  decryptFernet,
  encryptFernet,
  FernetError,
  generateFernetKey,
  parseFernetKey,
} from "./fernet.ts";
export { findDamagedConnections } from "./find-damaged.ts";
export { type Forgotten, forgetKey, KeyConfiguredError } from "./forget-key.ts";
export { createKeepAlive, type KeepAlive } from "./keep-alive.ts";
export { createKeyRing, type KeyRing, SealError } from "./key-ring.ts";
export { tokenStoreMigrations } from "./migrations.ts";
export { openTokenStore, type TokenStoreDeps } from "./open-token-store.ts";
export type { UnopenedRow } from "./reseal-batch.ts";
export {
  type Rotation,
  type RotationDeps,
  type RotationProgress,
  rotateKeys,
} from "./rotate-keys.ts";
export type * from "./token-store.ts";
export { ConsentLinkChangedError } from "./token-store.ts";
