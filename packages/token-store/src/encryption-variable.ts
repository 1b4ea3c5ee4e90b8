import { isPlainlyNotRandom } from "@cita/process";
import { z } from "zod";
import { createKeyRing } from "./key-ring.ts";

/** The key that the Fernet specification and its libraries use in their examples. */
const publishedKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

/** The variable with the keys that secrets are sealed with: Fernet keys, comma-separated. */
export const encryptionKeysVariable = z
  .string()
  .refine(isKeyRing, {
    message: "must be Fernet keys (32 bytes in base64url), comma-separated",
    abort: true,
  })
  .refine(
    isRandomKeyRing,
    "holds a key that is no random one, or an example: make one with npm run keys -- generate",
  );

function isKeyRing(keys: string): boolean {
  try {
    createKeyRing(keys);
    return true;
  } catch {
    return false;
  }
}

function isRandomKeyRing(keys: string): boolean {
  return keys
    .split(",")
    .map((key) => key.trim())
    .every((key) => key !== publishedKey && !isPlainlyNotRandom(Buffer.from(key, "base64url")));
}
