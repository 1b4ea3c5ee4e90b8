import { createHash } from "node:crypto";
import { type Database, exclusively, migrate, type Precondition } from "@cita/database";
import { type RetentionTables, retentionMigrations } from "./migrations.ts";

/**
 * Which customers were removed a moment ago, so that a request that was under way for one of them adds no row after its
 * removal. A customer is meant by its id and by since when admin-api had it: one that is added again later is another one.
 */
export type RemovedCustomers = {
  /** Once it resolves, every transaction with the customer's precondition has committed, or is refused. */
  add(customerId: string, addedAt: string): Promise<void>;
  /**
   * @param addedAt undefined: the caller doesn't say, and is never refused.
   * @returns a precondition that throws CustomerRemovedError.
   */
  refuse(customerId: string, addedAt: string | undefined): Precondition;
  /** Forgets those from before a time (epoch milliseconds), when no request for them can be under way any more. */
  purge(before: number): Promise<number>;
};

/** The customer was removed while the request was under way. */
export class CustomerRemovedError extends Error {
  override readonly name = "CustomerRemovedError";
  readonly code = "customer_removed";
  readonly statusCode = 409;
  constructor() {
    super("This customer was removed while the request was under way.");
  }
}

/** Migrates the table and opens the store over it. @throws DatabaseError */
export async function openRemovedCustomers(database: Database, now: () => number): Promise<RemovedCustomers> {
  await migrate(database, retentionMigrations);
  const db = database.withTables<RetentionTables>();

  return {
    add: (customerId, addedAt) =>
      exclusively(db, presenceKey(customerId), async (trx) => {
        await trx
          .insertInto("removed_customers")
          .values({ hash: hashOf(customerId, addedAt), removed_at_ms: now() })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),

    refuse: (customerId, addedAt) => async (trx) => {
      if (addedAt === undefined) return;
      await exclusively(trx, presenceKey(customerId), async () => {
        const removed = await trx
          .withTables<RetentionTables>()
          .selectFrom("removed_customers")
          .select("hash")
          .where("hash", "=", hashOf(customerId, addedAt))
          .executeTakeFirst();
        if (removed !== undefined) throw new CustomerRemovedError();
      });
    },

    async purge(before) {
      const { numDeletedRows } = await db
        .deleteFrom("removed_customers")
        .where("removed_at_ms", "<", before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** Names what `refuse` decides about: whether the customer is there. */
const presenceKey = (customerId: string) => `presence of ${customerId}`;

function hashOf(customerId: string, addedAt: string): string {
  return createHash("sha256").update(`${customerId} ${addedAt}`).digest("hex");
}
