import { createHash, randomBytes } from "node:crypto";

/** A secret of 256 random bits, for a cookie or a link. */
export function makeSecretToken(): string {
  return randomBytes(32).toString("base64url");
}

/** How such a secret is stored. Nobody guesses 256 random bits, so the hash needs neither salt nor work factor. */
export function hashSecretToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
