import { type Database, exclusively, valueList } from "@cita/database";
import type { EventLog } from "@cita/events";
import { type Kysely, sql } from "kysely";
import type { PeopleTables } from "./migrations.ts";
import { UserNotFoundError } from "./user.ts";

/** Which customers users belong to. Admins see all, whatever stands here. */
export type MembershipStore = {
  belongsTo(userId: string, customerId: string): Promise<boolean>;
  /** Which of some customers active users belong to, by their ids. Who belongs to none is left out. */
  among(
    userIds: readonly string[],
    customerIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** The ids of the customers that a user belongs to, in order. */
  customersOf(userId: string): Promise<string[]>;
  /** Replaces them. Ids of no customer are passed over. @throws UserNotFoundError */
  setCustomers(userId: string, customerIds: readonly string[]): Promise<void>;
};

type Db = Kysely<PeopleTables>;

/** The tables of `peopleMigrations` must exist. */
export function createMembershipStore(
  database: Database,
  events: Pick<EventLog, "transaction">,
): MembershipStore {
  const db: Db = database.withTables<PeopleTables>();
  return {
    async belongsTo(userId, customerId) {
      const row = await db
        .selectFrom("memberships")
        .select("id")
        .where("user_id", "=", userId)
        .where("customer_id", "=", customerId)
        .executeTakeFirst();
      return row !== undefined;
    },

    async among(userIds, customerIds) {
      const rows = await db
        .selectFrom("memberships")
        .innerJoin("users", "users.id", "memberships.user_id")
        .select(["user_id", "customer_id"])
        .where(sql<boolean>`user_id in ${valueList(db, "text", userIds)}`)
        .where(sql<boolean>`customer_id in ${valueList(db, "text", customerIds)}`)
        .where("users.is_active", "=", 1)
        .execute();
      const found = new Map<string, string[]>();
      for (const { user_id, customer_id } of rows)
        found.set(user_id, [...(found.get(user_id) ?? []), customer_id]);
      return found;
    },

    async customersOf(userId) {
      const rows = await db
        .selectFrom("memberships")
        .select("customer_id")
        .where("user_id", "=", userId)
        .orderBy("customer_id")
        .execute();
      return rows.map(({ customer_id }) => customer_id);
    },

    async setCustomers(userId, customerIds) {
      await events.transaction((transaction, append) =>
        exclusively(transaction, `memberships of ${userId}`, async () => {
          const trx = transaction.withTables<PeopleTables>();
          const user = await trx.selectFrom("users").select("id").where("id", "=", userId).executeTakeFirst();
          if (user === undefined) throw new UserNotFoundError();
          await trx.deleteFrom("memberships").where("user_id", "=", userId).execute();
          await insertMemberships(trx, userId, customerIds);
          await append({ customerId: null, kind: "memberships_changed", data: { user_id: userId } });
        }),
      );
    },
  };
}

/** Ids of no customer are passed over. */
export async function insertMemberships(
  trx: Db,
  userId: string,
  customerIds: readonly string[],
): Promise<void> {
  await sql`insert into memberships (user_id, customer_id)
    select ${userId}, customer_id from customers
    where customer_id in ${valueList(trx, "text", [...new Set(customerIds)])}`.execute(trx);
}
