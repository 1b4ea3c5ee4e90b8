import type { Logger } from "@cita/process";
import { formatKeyUse, type KeyReport, type KeyUse } from "./check-keys.ts";

/** No configured key opens what is stored. The service would serve no customer, and seal new rows with another key. */
export class KeysMissingError extends Error {
  override readonly name = "KeysMissingError";
  readonly code = "keys_missing";
  constructor(missing: readonly KeyUse[]) {
    super(
      "TOKEN_ENCRYPTION_KEY has none of the keys that what is stored is sealed with:\n" +
        `${missing.map((use) => `  - ${formatKeyUse(use)}\n`).join("")}` +
        "Put the missing key back and start again. If it is lost for good, see Keys in docs/operations.md.",
    );
  }
}

/**
 * To be called before any request is served. Where no key fits the service must not start. Where the keys of only some
 * customers are missing, it warns once and serves the others.
 * @throws KeysMissingError
 */
export function expectKeys({ opens, missing }: KeyReport, logger: Logger): void {
  if (opens === "nothing") throw new KeysMissingError(missing);
  if (opens === "part") {
    logger.warn(
      {
        missing_keys: missing.map(({ fingerprint, connections, liveLinks }) => ({
          fingerprint,
          connections,
          links: liveLinks,
        })),
      },
      "TOKEN_ENCRYPTION_KEY lacks a key: what is sealed with it can't be used until it is put back",
    );
  }
}
