import type { Logger } from "@cita/process";
import { formatKeyUse, type KeyReport, type KeyUse } from "@cita/token-store";

/** None of the configured keys opens what is stored: nobody could be served, and new tokens would be mixed in. */
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
 * Before anybody is served: with no key that fits the service must not start; with a few customers' key
 * missing it serves the others, and says so once.
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
      "TOKEN_ENCRYPTION_KEY lacks a key: calendars sealed with it can't be used until it is put back",
    );
  }
}
