import { createHash, randomBytes } from "node:crypto";
import type { Database } from "@cita/database";
import type { AppendEvent, EventLog } from "@cita/events";
import { minuteMs } from "@cita/scheduling";
import type { Kysely } from "kysely";
import { z } from "zod";
import type { PeopleTables } from "./migrations.ts";
import { createSealedNotes } from "./sealed-notes.ts";
import type { Sealing } from "./sealing.ts";
import { findTotpStep, makeTotpSecret, toBase32, totpUri } from "./totp.ts";
import type { User } from "./user.ts";

/** Codes of an authenticator beside the password, for users who want it, and codes for when it is lost. */
export type SecondFactor = {
  /** A secret for the authenticator. Nothing changes before a code shows that it has it. */
  setUp(user: User): { secret: string; uri: string; setupToken: string };
  /**
   * @returns the recovery codes, which are stored hashed; undefined where the code or the token is wrong, or the user has a
   *   second factor already.
   */
  enable(user: User, setupToken: string, code: string): Promise<string[] | undefined>;
  /** Whether a code is right. Each counts once: of the authenticator, and for recovery. */
  verify(userId: string, code: string): Promise<boolean>;
  disable(userId: string): Promise<void>;
};

const issuer = "Cita";
const recoveryCodes = 10;
const setupMs = 30 * minuteMs;

const setupSchema = z.object({ userId: z.string(), secret: z.string() });

type Deps = {
  readonly db: Database;
  readonly events: Pick<EventLog, "transaction">;
  readonly sealing: Sealing;
  readonly now: () => number;
};
type Db = Kysely<PeopleTables>;

/** The tables of `peopleMigrations` must exist. */
export function createSecondFactor({ db: database, events, sealing, now }: Deps): SecondFactor {
  const db: Db = database.withTables<PeopleTables>();
  const setups = createSealedNotes({ sealing, now }, { schema: setupSchema, maxAgeMs: setupMs });

  /** A code of the same or an earlier step was seen already. */
  async function takeStep(userId: string, step: number): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable("users")
      .set({ totp_last_step: step })
      .where("id", "=", userId)
      .where((eb) => eb.or([eb("totp_last_step", "is", null), eb("totp_last_step", "<", step)]))
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  async function useRecoveryCode(userId: string, code: string): Promise<boolean> {
    const { numDeletedRows } = await db
      .deleteFrom("recovery_codes")
      .where("code_hash", "=", hashCode(userId, code))
      .where("user_id", "=", userId)
      .executeTakeFirstOrThrow();
    return numDeletedRows === 1n;
  }

  function readSetup(user: User, setupToken: string): string | undefined {
    const setup = setups.open(setupToken);
    return setup?.userId === user.id ? setup.secret : undefined;
  }

  return {
    setUp(user) {
      const secret = makeTotpSecret();
      const setupToken = setups.seal({ userId: user.id, secret });
      return { secret, uri: totpUri(secret, { issuer, account: user.email }), setupToken };
    },

    async enable(user, setupToken, code) {
      // The one there is has to be shown first, by turning it off.
      if (user.hasTotp) return undefined;
      const secret = readSetup(user, setupToken);
      const step = secret === undefined ? undefined : findTotpStep(secret, code, now());
      if (secret === undefined || step === undefined) return undefined;
      const codes = Array.from({ length: recoveryCodes }, makeRecoveryCode);
      const totp = { totp_secret: sealing.seal(secret), totp_last_step: step };
      const isEnabled = await events.transaction((trx, append) =>
        storeEnabled(trx.withTables<PeopleTables>(), append, { userId: user.id, totp, codes }),
      );
      return isEnabled ? codes : undefined;
    },

    async verify(userId, code) {
      const row = await db
        .selectFrom("users")
        .select("totp_secret")
        .where("id", "=", userId)
        .executeTakeFirst();
      const secret = row?.totp_secret ? sealing.open(row.totp_secret) : undefined;
      const step = secret === undefined ? undefined : findTotpStep(secret, code, now());
      return step === undefined ? useRecoveryCode(userId, code) : takeStep(userId, step);
    },

    async disable(userId) {
      await events.transaction(async (transaction, append) => {
        const trx = transaction.withTables<PeopleTables>();
        const none = { totp_secret: null, totp_last_step: null };
        await trx.updateTable("users").set(none).where("id", "=", userId).execute();
        await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
        const data = { user_id: userId, enabled: false };
        await append({ customerId: null, kind: "second_factor_changed", data });
      });
    },
  };
}

type Enabled = {
  readonly userId: string;
  readonly totp: { readonly totp_secret: string; readonly totp_last_step: number };
  readonly codes: readonly string[];
};

/** @returns false where somebody was quicker: one authenticator doesn't take another's place. */
async function storeEnabled(
  trx: Db,
  append: AppendEvent,
  { userId, totp, codes }: Enabled,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("users")
    .set(totp)
    .where("id", "=", userId)
    .where("totp_secret", "is", null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  const rows = codes.map((one) => ({ code_hash: hashCode(userId, one), user_id: userId }));
  await trx.insertInto("recovery_codes").values(rows).execute();
  await append({
    customerId: null,
    kind: "second_factor_changed",
    data: { user_id: userId, enabled: true },
  });
  return true;
}

/** 80 random bits: `ABCD-EFGH-…`. */
function makeRecoveryCode(): string {
  return (toBase32(randomBytes(10)).match(/.{4}/g) ?? []).join("-");
}

function hashCode(userId: string, code: string): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, "");
  return createHash("sha256").update(`${userId} ${plain}`).digest("hex");
}
