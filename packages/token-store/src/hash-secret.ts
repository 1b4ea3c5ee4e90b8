import { createHash } from "node:crypto";

/** SHA-256 in hex: link tokens and states are looked up by it, and stored in no other form but sealed. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
