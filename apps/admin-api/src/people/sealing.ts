import { createHmac, hkdfSync } from "node:crypto";
import { decryptFernet, encryptFernet, FernetError, parseFernetKey } from "@cita/token-store/fernet";

/** What is kept secret at rest: second factors and signing keys are sealed, and addresses are counted by their hashes. */
export type Sealing = {
  seal(text: string): string;
  /** @returns undefined where none of the keys has sealed it. */
  open(sealed: string): string | undefined;
  /** The same for the same text, and nothing that could be computed without the key. */
  hash(text: string): string;
};

/**
 * The keys of ADMIN_ENCRYPTION_KEY; without it, one that is derived from ADMIN_API_KEY.
 * @param encryptionKeys Fernet keys, comma-separated: the first seals, all of them open.
 */
export function createSealing(encryptionKeys: string | undefined, adminApiKey: string): Sealing {
  const texts = encryptionKeys?.split(",").map((text) => text.trim()) ?? [deriveKey(adminApiKey)];
  const keys = texts.map(parseFernetKey);
  const [first] = keys;
  if (first === undefined) throw new TypeError("There is no key to seal with.");
  const hashKey = createHmac("sha256", first.signing).update("hashes").digest();

  return {
    seal: (text) => encryptFernet(first, text),
    open(sealed) {
      for (const key of keys) {
        try {
          return decryptFernet(key, sealed);
        } catch (error) {
          if (!(error instanceof FernetError)) throw error;
        }
      }
      return undefined;
    },
    hash: (text) => createHmac("sha256", hashKey).update(text).digest("hex"),
  };
}

/** HKDF (RFC 5869). ADMIN_API_KEY has enough entropy, so it needs no work factor. */
function deriveKey(adminApiKey: string): string {
  const bytes = hkdfSync("sha256", adminApiKey, "", "cita admin-api sealing", 32);
  return `${Buffer.from(bytes).toString("base64url")}=`;
}
