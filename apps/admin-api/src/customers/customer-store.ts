import { type Database, migrate } from "@cita/database";
import { sql } from "kysely";
import { type CustomerTables, customerMigrations } from "./migrations.ts";

export type Customer = {
  readonly customer_id: string;
  readonly customer_email: string;
  readonly customer_name: string;
  readonly created_at: string;
};

/** The operator's customers, by id, with address and name. Nothing about their calendars is stored here. */
export type CustomerStore = {
  /** Adds a customer, or corrects the address and name of one that is there. */
  save(customer: Omit<Customer, "created_at">): Promise<void>;
  find(customerId: string): Promise<Customer | undefined>;
  /** Customers with ids after `after`, in order. */
  list(after: string | undefined, limit: number): Promise<Customer[]>;
  /** @returns whether there was one. */
  remove(customerId: string): Promise<boolean>;
  /** Rejects where the database doesn't answer. */
  check(): Promise<void>;
};

/** There is no customer with this id. */
export class CustomerNotFoundError extends Error {
  override readonly name = "CustomerNotFoundError";
  readonly code = "unknown_customer";
  readonly statusCode = 404;
  constructor() {
    super("There is no customer with this id.");
  }
}

/** @throws CustomerNotFoundError */
export async function findExisting(
  customers: Pick<CustomerStore, "find">,
  customerId: string,
): Promise<Customer> {
  const customer = await customers.find(customerId);
  if (customer === undefined) throw new CustomerNotFoundError();
  return customer;
}

export async function openCustomerStore(database: Database, now = () => new Date()): Promise<CustomerStore> {
  await migrate(database, customerMigrations);
  const db = database.withTables<CustomerTables>();
  const customers = () =>
    db.selectFrom("customers").select(["customer_id", "customer_email", "customer_name", "created_at"]);

  return {
    async save(customer) {
      const at = now().toISOString();
      await db
        .insertInto("customers")
        .values({ ...customer, created_at: at, updated_at: at })
        .onConflict((conflict) =>
          conflict.column("customer_id").doUpdateSet({
            customer_email: customer.customer_email,
            customer_name: customer.customer_name,
            updated_at: at,
          }),
        )
        .execute();
    },

    find: (customerId) => customers().where("customer_id", "=", customerId).executeTakeFirst(),

    list: (after, limit) =>
      customers()
        .where("customer_id", ">", after ?? "")
        .orderBy("customer_id")
        .limit(limit)
        .execute(),

    async remove(customerId) {
      const { numDeletedRows } = await db
        .deleteFrom("customers")
        .where("customer_id", "=", customerId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}
