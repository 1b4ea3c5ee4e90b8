import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/**
 * Fernet (https://github.com/fernet/spec), authenticated encryption that Python's `cryptography.fernet` opens with the same
 * key. It is our own because the npm package accepts invalid tokens (docs/decisions/0003).
 *
 * Token = base64url(0x80 | 64-bit seconds | 16-byte IV | AES-128-CBC | HMAC-SHA256 of all before).
 */
const version = 0x80;
const headerLength = 1 + 8 + 16;
const macLength = 32;
const blockLength = 16;
const clockSkewSeconds = 60;

/** A Fernet key, parsed. Never log it; `fingerprint` is what may be shown. */
export type FernetKey = {
  readonly signing: Buffer;
  readonly encryption: Buffer;
  /** First 16 hex digits of the SHA-256 of the key's 32 bytes. */
  readonly fingerprint: string;
};

/** `code`: `invalid_key` (not 32 base64url bytes) or `invalid_token` (forged, damaged, expired, or sealed with another key). */
export class FernetError extends Error {
  override readonly name = "FernetError";
  readonly code: "invalid_key" | "invalid_token";
  constructor(code: FernetError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** A new random key in the form `TOKEN_ENCRYPTION_KEY` takes. */
export function generateFernetKey(): string {
  return withPadding(randomBytes(32).toString("base64url"));
}

/** @throws FernetError `invalid_key`; the message never contains the key. */
export function parseFernetKey(text: string): FernetKey {
  const bytes = decodeBase64url(text);
  if (bytes?.length !== 32) {
    throw new FernetError("invalid_key", "A Fernet key is 32 bytes in base64url: 44 characters ending in =.");
  }
  const fingerprint = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16), fingerprint };
}

export type EncryptOptions = {
  /** Seconds since 1970; default: now. */
  nowSeconds?: number | undefined;
  /** 16 bytes; default: random. Only test vectors pass one. */
  iv?: Uint8Array;
};

/** Encrypts text (UTF-8) into a Fernet token. */
export function encryptFernet(key: FernetKey, plaintext: string, options: EncryptOptions = {}): string {
  const iv = options.iv ?? randomBytes(16);
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(version, 0);
  header.writeBigUInt64BE(BigInt(options.nowSeconds ?? Math.floor(Date.now() / 1000)), 1);
  header.set(iv, 9);
  const cipher = createCipheriv("aes-128-cbc", key.encryption, iv);
  const signed = Buffer.concat([header, cipher.update(plaintext, "utf8"), cipher.final()]);
  return withPadding(Buffer.concat([signed, hmac(key, signed)]).toString("base64url"));
}

export type DecryptOptions = {
  /** Refuses older tokens. Default: any age is accepted. */
  ttlSeconds?: number | undefined;
  nowSeconds?: number | undefined;
};

/** Opens a Fernet token. @throws FernetError `invalid_token`, whatever was wrong with it. */
export function decryptFernet(key: FernetKey, token: string, options: DecryptOptions = {}): string {
  const bytes = decodeBase64url(token);
  if (bytes === undefined || !hasTokenShape(bytes)) throw invalidToken();
  const signed = bytes.subarray(0, -macLength);
  if (!timingSafeEqual(hmac(key, signed), bytes.subarray(-macLength))) throw invalidToken();
  if (options.ttlSeconds !== undefined) checkAge(signed, options.ttlSeconds, options.nowSeconds);
  try {
    const decipher = createDecipheriv("aes-128-cbc", key.encryption, signed.subarray(9, headerLength));
    return Buffer.concat([decipher.update(signed.subarray(headerLength)), decipher.final()]).toString("utf8");
  } catch {
    throw invalidToken();
  }
}

/** When a token was sealed, in seconds since 1970. It isn't authenticated: open the token first. */
export function sealedAtSeconds(token: string): number {
  const bytes = decodeBase64url(token);
  if (bytes === undefined || !hasTokenShape(bytes)) throw invalidToken();
  return Number(bytes.readBigUInt64BE(1));
}

function checkAge(signed: Buffer, ttlSeconds: number, nowSeconds = Math.floor(Date.now() / 1000)): void {
  const sealedAt = Number(signed.readBigUInt64BE(1));
  if (sealedAt + ttlSeconds < nowSeconds || sealedAt > nowSeconds + clockSkewSeconds) throw invalidToken();
}

function hasTokenShape(bytes: Buffer): boolean {
  const shortest = headerLength + blockLength + macLength;
  return (
    bytes[0] === version &&
    bytes.length >= shortest &&
    (bytes.length - headerLength - macLength) % blockLength === 0
  );
}

function hmac(key: FernetKey, signed: Uint8Array): Buffer {
  return createHmac("sha256", key.signing).update(signed).digest();
}

/** Checks the alphabet first, since Node's decoder silently drops other characters. */
function decodeBase64url(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Buffer.from(text, "base64url");
}

function withPadding(base64url: string): string {
  return base64url.padEnd(Math.ceil(base64url.length / 4) * 4, "=");
}

function invalidToken(): FernetError {
  return new FernetError("invalid_token", "This is not a Fernet token that the given key opens.");
}
