import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Time-based codes of authenticators: 6 digits by HMAC-SHA-1, a new one each 30 seconds. @see RFC 6238, RFC 4226 */
const stepSeconds = 30;
const digits = 6;
/** Clocks differ, and people are slow: the code before and the one after count, too. */
const stepsAround = 1;

/** 160 bits, as RFC 4226 (section 4) recommends, in base32. */
export function makeTotpSecret(): string {
  return toBase32(randomBytes(20));
}

/** What authenticators read from a QR code. @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function totpUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

/** @param at epoch milliseconds. @returns the time step whose code it is; undefined: it is wrong. */
export function findTotpStep(secret: string, code: string, at: number): number | undefined {
  const now = Math.floor(at / 1_000 / stepSeconds);
  const given = Buffer.from(code.replaceAll(/\s/g, ""));
  let found: number | undefined;
  // All are compared, so that the time doesn't tell which was close.
  for (let step = now - stepsAround; step <= now + stepsAround; step++) {
    const expected = Buffer.from(totpCodeOf(secret, step));
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = step;
  }
  return found;
}

export function totpCodeOf(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648, section 6, without padding. */
export function toBase32(bytes: Buffer): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}
