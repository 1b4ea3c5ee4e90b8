import { type Database, exclusively } from "@cita/database";
import { minuteMs } from "@cita/scheduling";
import type { Kysely } from "kysely";
import type { PeopleTables } from "./migrations.ts";
import type { Sealing } from "./sealing.ts";

/**
 * Slows those who guess, and locks nobody out. Failures are counted by the client's address, by the account, and by both
 * together, in the database, so that all processes count as one. An attempt counts as failed until it is known to be
 * right, so that many at once don't get past the limit.
 */
export type SignInThrottle = {
  /** @returns the seconds to wait; undefined: the attempt may be made, and counts. */
  take(attempt: { address: string; account: string }): Promise<number | undefined>;
  /**
   * The attempt was right, so it doesn't count. `all`: the person is signed in, and what has failed before for the account
   * is forgotten. `this`: something is still missing, and who guesses that goes on being counted.
   */
  forgive(attempt: { address: string; account: string }, what: "all" | "this"): Promise<void>;
  /** Deletes counts that are over. */
  purge(): Promise<number>;
};

/** Failures that cost nothing. Each further one doubles the wait. */
const freeFailures = { address: 20, account: 50, both: 5 };
const maxWaitSeconds = 30;
/** A count is over when nothing has failed for this time. */
const windowMs = 15 * minuteMs;

type Counted = { readonly failures: number; readonly lastAt: number };
type Db = Kysely<PeopleTables>;

/** The tables of `peopleMigrations` must exist. */
export function createSignInThrottle(
  database: Database,
  { hash }: Pick<Sealing, "hash">,
  now: () => number,
): SignInThrottle {
  const db: Db = database.withTables<PeopleTables>();
  const keysOf = ({ address, account }: { address: string; account: string }) => ({
    address: hash(`address ${address}`),
    account: hash(`account ${account}`),
    both: hash(`both ${address} ${account}`),
  });

  async function read(trx: Db, key: string): Promise<Counted> {
    const row = await trx
      .selectFrom("sign_in_failures")
      .select(["failures", "last_at_ms"])
      .where("key_hash", "=", key)
      .where("last_at_ms", ">", now() - windowMs)
      .executeTakeFirst();
    return { failures: row?.failures ?? 0, lastAt: row?.last_at_ms ?? 0 };
  }

  async function write(trx: Db, key: string, { failures, lastAt }: Counted): Promise<void> {
    const count = { failures: Math.max(0, failures), last_at_ms: lastAt };
    await trx
      .insertInto("sign_in_failures")
      .values({ key_hash: key, ...count })
      .onConflict((conflict) => conflict.column("key_hash").doUpdateSet(count))
      .execute();
  }

  async function takeBack(trx: Db, key: string): Promise<void> {
    const { failures, lastAt } = await read(trx, key);
    await write(trx, key, { failures: failures - 1, lastAt });
  }

  function waitOf({ failures, lastAt }: Counted, free: number): number {
    if (failures < free) return 0;
    const seconds = Math.min(maxWaitSeconds, 2 ** Math.min(failures - free, 10));
    return Math.max(0, seconds - (now() - lastAt) / 1_000);
  }

  return {
    take(attempt) {
      const keys = keysOf(attempt);
      return exclusively(db, throttleKey, async (trx) => {
        const address = await read(trx, keys.address);
        const account = await read(trx, keys.account);
        const both = await read(trx, keys.both);
        // From an address that hasn't failed there, the account's owner gets through whatever others do.
        const ofAccount = both.failures === 0 ? 0 : waitOf(account, freeFailures.account);
        const seconds = Math.max(
          waitOf(address, freeFailures.address),
          waitOf(both, freeFailures.both),
          ofAccount,
        );
        if (seconds > 0) return Math.ceil(seconds);
        await write(trx, keys.address, { failures: address.failures + 1, lastAt: now() });
        await write(trx, keys.account, { failures: account.failures + 1, lastAt: now() });
        await write(trx, keys.both, { failures: both.failures + 1, lastAt: now() });
        return undefined;
      });
    },

    async forgive(attempt, what) {
      const { address, account, both } = keysOf(attempt);
      await exclusively(db, throttleKey, async (trx) => {
        await takeBack(trx, address);
        if (what === "this") for (const key of [account, both]) await takeBack(trx, key);
        else await trx.deleteFrom("sign_in_failures").where("key_hash", "in", [account, both]).execute();
      });
    },

    async purge() {
      const { numDeletedRows } = await db
        .deleteFrom("sign_in_failures")
        .where("last_at_ms", "<=", now() - windowMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** One for all, since an attempt is about three counts. It is held for a few milliseconds. */
const throttleKey = "sign-in failures";
