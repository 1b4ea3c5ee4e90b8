import { decryptFernet, encryptFernet, FernetError, type FernetKey, parseFernetKey } from "./fernet.ts";

/** Several Fernet keys in order: the first encrypts, all of them decrypt. */
export type KeyRing = {
  readonly primaryFingerprint: string;
  readonly fingerprints: readonly string[];
  /** Seals a secret together with the place it belongs to. */
  seal(place: SealedPlace, secret: string): string;
  /**
   * Opens what `seal` made and checks that it stands where it was sealed for.
   * @throws SealError `undecryptable` (no key opens it) or `misplaced` (another row's or field's secret).
   */
  open(place: SealedPlace, token: string): string;
};

/** Where a secret lives. Sealed inside the plaintext, so a row copied onto another customer can't be opened. */
export type SealedPlace = { readonly customer_id: string; readonly provider: string; readonly field: string };

/** A stored secret that can't be used. Carries which customer and field, never the secret. */
export class SealError extends Error {
  override readonly name = "SealError";
  readonly code: "undecryptable" | "misplaced";
  readonly place: SealedPlace;
  constructor(code: SealError["code"], place: SealedPlace, options?: ErrorOptions) {
    const what =
      code === "undecryptable"
        ? "can't be opened with any configured key"
        : "was sealed for another customer or field";
    super(`The ${place.field} stored for customer ${place.customer_id} ${what}.`, options);
    this.code = code;
    this.place = place;
  }
}

/**
 * @param keys `TOKEN_ENCRYPTION_KEY`: Fernet keys, comma-separated.
 * @throws FernetError `invalid_key`
 */
export function createKeyRing(keys: string): KeyRing {
  const ring = keys.split(",").map((key) => parseFernetKey(key.trim()));
  const [primary] = ring;
  if (primary === undefined) throw new FernetError("invalid_key", "At least one Fernet key is needed.");
  return {
    primaryFingerprint: primary.fingerprint,
    fingerprints: ring.map((key) => key.fingerprint),
    seal: (place, secret) => encryptFernet(primary, JSON.stringify({ ...place, secret })),
    open: (place, token) => readSealed(place, openWithAny(ring, place, token)),
  };
}

function openWithAny(ring: readonly FernetKey[], place: SealedPlace, token: string): string {
  let lastError: unknown;
  for (const key of ring) {
    try {
      return decryptFernet(key, token);
    } catch (error) {
      lastError = error;
    }
  }
  throw new SealError("undecryptable", place, { cause: lastError });
}

function readSealed(place: SealedPlace, plaintext: string): string {
  const sealed = parseSealed(place, plaintext);
  const belongsHere =
    sealed.customer_id === place.customer_id &&
    sealed.provider === place.provider &&
    sealed.field === place.field;
  if (!belongsHere || typeof sealed.secret !== "string") throw new SealError("misplaced", place);
  return sealed.secret;
}

function parseSealed(place: SealedPlace, plaintext: string): Partial<SealedPlace & { secret: unknown }> {
  try {
    return Object(JSON.parse(plaintext));
  } catch {
    // The parser's message quotes its input, which is a secret here: it must not become a cause.
    throw new SealError("misplaced", place);
  }
}
