import { createHash, randomBytes } from "node:crypto";

/** Recognisable wherever one turns up, also for programs that look for leaked secrets. */
const prefix = "cita_";
const randomPart = 32;
const format = /^cita_[0-9a-f]{64}$/;

/** A new key: 256 random bits in hex, so that a double click selects it whole. */
export function makeAgentKey(): string {
  return `${prefix}${randomBytes(randomPart).toString("hex")}`;
}

/** Whether a text could be one of our keys at all. */
export function isAgentKey(text: string): boolean {
  return format.test(text);
}

/** What is stored instead of a key. Nobody can try 256 random bits out, so it needs neither salt nor time. */
export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** What a person recognises a key by. */
export function lastCharactersOf(key: string): string {
  return key.slice(-4);
}
