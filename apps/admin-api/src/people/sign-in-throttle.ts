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
  take(attempt: Attempt): Promise<number | undefined>;
  /**
   * The same for a code of the second factor, which is counted by the account alone: a million codes are tried soon by who
   * has the password and many addresses.
   */
  takeCode(account: string): Promise<number | undefined>;
  /**
   * The attempt was right, so it doesn't count. `all`: the person is signed in, and what has failed before for the account
   * is forgotten. `this`: something is still missing, and who guesses that goes on being counted.
   */
  forgive(attempt: Attempt, what: "all" | "this"): Promise<void>;
  /** The code was right, so that those before are forgotten. */
  forgiveCodes(account: string): Promise<void>;
  /** Deletes counts that are over. */
  purge(): Promise<number>;
};

type Attempt = { readonly address: string; readonly account: string };

/** How many failures cost nothing, and how long the wait becomes, which each further one doubles. */
type Limit = { readonly free: number; readonly maxWaitSeconds: number };

const limits = {
  address: { free: 20, maxWaitSeconds: 30 },
  account: { free: 50, maxWaitSeconds: 30 },
  both: { free: 5, maxWaitSeconds: 30 },
  /** 288 a day, of which each has three chances in a million. */
  codes: { free: 10, maxWaitSeconds: 300 },
} satisfies Record<string, Limit>;

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
  const keysOf = ({ address, account }: Attempt) => ({
    address: hash(`address ${address}`),
    account: hash(`account ${account}`),
    both: hash(`both ${address} ${account}`),
  });
  const codesKeyOf = (account: string) => hash(`codes ${account}`);

  const { read, countOne, takeBack } = createCounts(now);
  const waitOf = (counted: Counted, limit: Limit) => waitOfCount(counted, limit, now());

  return {
    take(attempt) {
      const keys = keysOf(attempt);
      return exclusively(db, throttleKey, async (trx) => {
        const address = await read(trx, keys.address);
        const account = await read(trx, keys.account);
        const both = await read(trx, keys.both);
        // From an address that hasn't failed there, the account's owner gets through whatever others do.
        const ofAccount = both.failures === 0 ? 0 : waitOf(account, limits.account);
        const seconds = Math.max(waitOf(address, limits.address), waitOf(both, limits.both), ofAccount);
        if (seconds > 0) return Math.ceil(seconds);
        await countOne(trx, keys.address, address);
        await countOne(trx, keys.account, account);
        await countOne(trx, keys.both, both);
        return undefined;
      });
    },

    takeCode(account) {
      const key = codesKeyOf(account);
      return exclusively(db, throttleKey, async (trx) => {
        const counted = await read(trx, key);
        const seconds = waitOf(counted, limits.codes);
        if (seconds > 0) return Math.ceil(seconds);
        await countOne(trx, key, counted);
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

    async forgiveCodes(account) {
      await db.deleteFrom("sign_in_failures").where("key_hash", "=", codesKeyOf(account)).execute();
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

/** The rows of `sign_in_failures`, within a transaction. */
function createCounts(now: () => number) {
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

  return {
    read,
    countOne: (trx: Db, key: string, { failures }: Counted) =>
      write(trx, key, { failures: failures + 1, lastAt: now() }),
    async takeBack(trx: Db, key: string): Promise<void> {
      const { failures, lastAt } = await read(trx, key);
      await write(trx, key, { failures: failures - 1, lastAt });
    },
  };
}

/** @returns seconds. */
function waitOfCount({ failures, lastAt }: Counted, { free, maxWaitSeconds }: Limit, now: number): number {
  if (failures < free) return 0;
  const seconds = Math.min(maxWaitSeconds, 2 ** Math.min(failures - free, 10));
  return Math.max(0, seconds - (now - lastAt) / 1_000);
}
