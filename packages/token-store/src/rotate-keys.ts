import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { checkKeys, type KeyReport } from "./check-keys.ts";
import type { KeyRing } from "./key-ring.ts";
import type { TokenStoreDeps } from "./open-token-store.ts";
import { resealConnections, resealLinks, type UnopenedRow } from "./reseal.ts";
import type { TokenStoreTables } from "./schema.ts";

export type RotationDeps = TokenStoreDeps & {
  /** Told after every batch. */
  onProgress?: (progress: RotationProgress) => void;
};

/** Rows, of those that weren't on the first key at the start. */
export type RotationProgress = { readonly done: number; readonly total: number };

export type Rotation = {
  readonly resealed: number;
  /** What no configured key opens, of what is still needed. */
  readonly unopened: readonly UnopenedRow[];
  /** As it is now. */
  readonly report: KeyReport;
};

/** Lets others write: SQLite's queue for the write lock isn't a fair one. */
const pauseMs = 5;

/** A service that still seals with an old key makes work for another pass, and can do so for ever. */
const maxPasses = 3;

/**
 * Seals with the first key what is on another, while services run that have that key too. Every batch
 * stands for itself, so it can be stopped at any moment and begun again.
 *
 * Sealing anew is no save: a refresh in between stands, and one that read before still saves.
 */
export async function rotateKeys(deps: RotationDeps): Promise<Rotation> {
  const { keys, now = () => new Date(), onProgress = () => undefined } = deps;
  const db = deps.db.withTables<TokenStoreTables>();
  const total = await countForeign(db, keys);
  let done = 0;
  let resealed = 0;
  let unopened: UnopenedRow[] = [];
  for (let passes = 0; passes < maxPasses; passes++) {
    unopened = [];
    const before = resealed;
    for (const batches of [resealConnections(db, keys), resealLinks(db, keys, now())]) {
      for await (const batch of batches) {
        resealed += batch.resealed;
        unopened.push(...batch.unopened);
        done += batch.rows;
        onProgress({ done: Math.min(done, total), total });
        await sleep(pauseMs);
      }
    }
    if (resealed === before) break;
  }
  return { resealed, unopened, report: await checkKeys(deps) };
}

async function countForeign(db: Kysely<TokenStoreTables>, keys: KeyRing): Promise<number> {
  let total = 0;
  for (const table of ["oauth_tokens", "consent_links"] as const) {
    const { rows } = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as("rows"))
      .where("key_fingerprint", "is distinct from", keys.primaryFingerprint)
      .executeTakeFirstOrThrow();
    total += Number(rows);
  }
  return total;
}
