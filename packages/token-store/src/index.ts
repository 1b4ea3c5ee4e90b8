export {
  AccessTokenError,
  type AccessTokens,
  createAccessTokens,
  type RefreshGrant,
  type RefreshOutcome,
} from "./access-tokens.ts";
export {
  decryptFernet,
  encryptFernet,
  FernetError,
  generateFernetKey,
  parseFernetKey,
} from "./fernet.ts";
export { createKeepAlive, type KeepAlive } from "./keep-alive.ts";
export { createKeyRing, type KeyRing, SealError } from "./key-ring.ts";
export { openTokenStore, type TokenStoreDeps } from "./open-token-store.ts";
export type * from "./token-store.ts";
export { ConsentLinkChangedError } from "./token-store.ts";
