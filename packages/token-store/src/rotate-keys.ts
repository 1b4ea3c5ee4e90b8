import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { checkKeys, type KeyReport } from "./check-keys.ts";
import type { KeyRing } from "./key-ring.ts";
import type { SealedRows } from "./open-token-store.ts";
import { type ResealedBatch, resealConnections, resealLinks, type UnopenedRow } from "./reseal.ts";
import type { TokenStoreTables } from "./schema.ts";

/** What a service has sealed, as its keys are looked at and rotated. */
export type SealedStore = {
  /** Counts what is sealed with each key, by the stored fingerprints. It opens and changes nothing. */
  check(): Promise<KeyReport>;
  /** @returns how many rows are sealed with another key than the first. */
  countForeign(): Promise<number>;
  /** Goes through those rows, table by table. */
  reseal(): readonly AsyncGenerator<ResealedBatch>[];
};

/** In rows. `total`: the rows that were sealed with another key than the first when the rotation began. */
export type RotationProgress = { readonly done: number; readonly total: number };

export type Rotation = {
  readonly resealed: number;
  /** Rows that are needed and that no configured key opens. */
  readonly unopened: readonly UnopenedRow[];
  /** After the rotation. */
  readonly report: KeyReport;
};

/** A pause between two batches lets other processes write, since SQLite's write lock isn't fair. */
const pauseMs = 5;

/** Bounds the rotation: a service that still seals with an old key makes new rows in each pass. */
const maxPasses = 3;

/**
 * Seals every row that is sealed with another key with the first key, while services that have the first key run. Each
 * batch is one transaction, so the rotation can be stopped at any time and begun again.
 *
 * The version of a row stays, so that a refresh under way can still be saved (docs/decisions/0018).
 * @param onProgress called after every batch.
 */
export async function rotateKeys(
  store: SealedStore,
  onProgress: (progress: RotationProgress) => void = () => undefined,
): Promise<Rotation> {
  const total = await store.countForeign();
  let done = 0;
  let resealed = 0;
  let unopened: UnopenedRow[] = [];
  for (let passes = 0; passes < maxPasses; passes++) {
    unopened = [];
    const before = resealed;
    for (const batches of store.reseal()) {
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
  return { resealed, unopened, report: await store.check() };
}

/** Connections and consent links. The tables must be up to date. */
export function createSealedTokens(rows: SealedRows): SealedStore {
  const db = rows.db.withTables<TokenStoreTables>();
  return {
    check: () => checkKeys(rows),
    countForeign: () => countForeign(db, rows.keys),
    reseal: () => [resealConnections(rows), resealLinks(rows)],
  };
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
