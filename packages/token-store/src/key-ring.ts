import { createHash } from "node:crypto";
import type { CustomerKey } from "./customer-key.ts";
import {
  decryptFernet,
  encryptFernet,
  FernetError,
  type FernetKey,
  parseFernetKey,
  sealedAtSeconds,
} from "./fernet.ts";

/** Fernet keys in order: the first one encrypts, all of them decrypt. Fingerprints of keys may be shown and stored. */
export type KeyRing = {
  /** Of the key that encrypts. */
  readonly primaryFingerprint: string;
  /** In the order of the keys. */
  readonly fingerprints: readonly string[];
  /** Seals a secret together with the place where it is stored. */
  seal(place: SealedPlace, secret: string): string;
  /**
   * Opens a sealed secret and checks that it was sealed for this place.
   * @throws SealError `undecryptable` (no key opens it) or `misplaced` (another row's or field's secret).
   */
  open(place: SealedPlace, token: string): string;
  /** The fingerprint of the key that opens a sealed secret, whatever its place; undefined: none opens it. */
  findFingerprint(token: string): string | undefined;
  /**
   * Seals a sealed secret anew with the first key, and keeps its original time.
   * @throws SealError as `open` does.
   */
  reseal(place: SealedPlace, token: string): string;
};

/** Where a secret is stored. The place is sealed with the secret, so that a row copied to another customer can't be opened. */
export type SealedPlace = {
  /** Or another owner, such as `user:<id>`. */
  readonly customer_id: string;
  /** Left out: the secret belongs to no provider. One that was sealed with a provider can be opened all the same. */
  readonly provider?: string;
  readonly field: string;
};

/** The place of one of a connection's tokens. */
export function tokenPlace(
  { customerId, provider }: CustomerKey,
  field: "access_token" | "refresh_token",
): SealedPlace {
  return { customer_id: customerId, provider, field };
}

/** The place of a consent link's token. */
export function linkPlace(customerId: string, tokenHash: string): SealedPlace {
  return { customer_id: customerId, field: `consent_link:${tokenHash}` };
}

/** SHA-256 in hex. Link tokens and states are looked up by it and never stored in the clear. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/**
 * A stored secret that can't be used. `code`: `undecryptable` (no configured key opens it), and where the key it was
 * sealed with is known, `key_missing` (that key isn't configured) or `damaged` (it is); `misplaced` (another row's or
 * field's secret). It names customer and field, never the secret.
 */
export class SealError extends Error {
  override readonly name = "SealError";
  readonly code: "undecryptable" | "key_missing" | "damaged" | "misplaced";
  readonly place: SealedPlace;
  constructor(
    code: SealError["code"],
    place: SealedPlace,
    { fingerprint, ...options }: ErrorOptions & { fingerprint?: string } = {},
  ) {
    super(
      `The ${place.field} stored for customer ${place.customer_id} ${explanations[code](fingerprint)}`,
      options,
    );
    this.code = code;
    this.place = place;
  }
}

const explanations: Record<SealError["code"], (fingerprint?: string) => string> = {
  undecryptable: () => "can't be opened with any configured key.",
  key_missing: (fingerprint) =>
    `is sealed with key ${fingerprint}, which TOKEN_ENCRYPTION_KEY doesn't have. Put that key back and restart.`,
  damaged: (fingerprint) =>
    `is damaged: its key ${fingerprint} doesn't open it. Send the business a new link, or restore a backup.`,
  misplaced: () => "was sealed for another customer or field. Send the business a new link.",
};

/**
 * @param keys `TOKEN_ENCRYPTION_KEY`: Fernet keys, comma-separated.
 * @throws FernetError `invalid_key`
 */
export function createKeyRing(keys: string): KeyRing {
  const ring = keys.split(",").map((key) => parseFernetKey(key.trim()));
  const [primary] = ring;
  if (primary === undefined) throw new FernetError("invalid_key", "At least one Fernet key is needed.");
  const seal = (place: SealedPlace, secret: string, nowSeconds?: number) =>
    encryptFernet(primary, JSON.stringify({ ...place, secret }), { nowSeconds });
  const open = (place: SealedPlace, token: string) => {
    const opened = openWithAny(ring, token);
    if (opened === undefined) throw new SealError("undecryptable", place);
    return readSealed(place, opened.plaintext);
  };
  return {
    primaryFingerprint: primary.fingerprint,
    fingerprints: ring.map((key) => key.fingerprint),
    seal,
    open,
    findFingerprint: (token) => openWithAny(ring, token)?.key.fingerprint,
    reseal: (place, token) => seal(place, open(place, token), sealedAtSeconds(token)),
  };
}

/**
 * Opens a secret of a row that names its key.
 * @throws SealError `misplaced`, or by the stored fingerprint `key_missing` or `damaged`.
 */
export function openStored(
  keys: KeyRing,
  place: SealedPlace,
  { sealed, fingerprint }: { readonly sealed: string; readonly fingerprint: string },
): string {
  try {
    return keys.open(place, sealed);
  } catch (cause) {
    if (!(cause instanceof SealError) || cause.code !== "undecryptable") throw cause;
    const code = keys.fingerprints.includes(fingerprint) ? "damaged" : "key_missing";
    throw new SealError(code, place, { cause, fingerprint });
  }
}

function openWithAny(
  ring: readonly FernetKey[],
  token: string,
): { key: FernetKey; plaintext: string } | undefined {
  for (const key of ring) {
    try {
      return { key, plaintext: decryptFernet(key, token) };
    } catch (error) {
      if (!(error instanceof FernetError)) throw error;
    }
  }
  return undefined;
}

function readSealed(place: SealedPlace, plaintext: string): string {
  const sealed = parseSealed(place, plaintext);
  const belongsHere =
    sealed.customer_id === place.customer_id &&
    (place.provider === undefined || sealed.provider === place.provider) &&
    sealed.field === place.field;
  if (!belongsHere || typeof sealed.secret !== "string") throw new SealError("misplaced", place);
  return sealed.secret;
}

function parseSealed(place: SealedPlace, plaintext: string): Partial<SealedPlace & { secret: unknown }> {
  try {
    return Object(JSON.parse(plaintext));
  } catch {
    // The parser's message quotes its input, a secret, so it must not become the cause.
    throw new SealError("misplaced", place);
  }
}
