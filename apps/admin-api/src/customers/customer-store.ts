import { type Database, exclusively, migrate } from "@cita/database";
import { type Kysely, sql } from "kysely";
import { customerStatesKey } from "../customer-states/customer-state-store.ts";
import { type CustomerStateTables, customerStateMigrations } from "../customer-states/migrations.ts";
import {
  type Customer,
  customerColumns,
  type ListedCustomer,
  selectListed,
  toListed,
  toSearchText,
} from "./customer-list.ts";
import { type CustomerTables, customerMigrations } from "./migrations.ts";

/** `customer_phone` left out: unknown, or of a customer that is there as it was. */
export type NewCustomer = Omit<Customer, "created_at" | "customer_phone"> & {
  readonly customer_phone?: string | null | undefined;
};

/**
 * The operator's customers, by id, with address and name. Nothing about their calendars is stored here. A customer is
 * meant by its id and `created_at`: one that is removed and added again is another one.
 */
export type CustomerStore = {
  /**
   * Adds a customer, whose state is pending, or corrects the address and name of one that is there.
   * @param mayCorrect whether the customer that is stored under the id is the one that is meant. Nothing changes between
   *   its answer and the correction. Default: always.
   * @throws CustomerLeavingError; CustomerTakenError where `mayCorrect` denies.
   */
  save(customer: NewCustomer, mayCorrect?: (stored: Customer) => boolean): Promise<Customer>;
  find(customerId: string): Promise<ListedCustomer | undefined>;
  /** Begins to remove a customer: from now on it isn't saved. @returns undefined where there is none. */
  markLeaving(customerId: string): Promise<Customer | undefined>;
  /** Whether a customer is there, and isn't being removed. */
  isStaying(customer: Pick<Customer, "customer_id" | "created_at">): Promise<boolean>;
  /** Customers that are being removed, those that have been for the longest first. */
  listLeaving(limit: number): Promise<Customer[]>;
  /** Removes a customer with its state. @returns whether it was there. */
  remove(customer: Pick<Customer, "customer_id" | "created_at">): Promise<boolean>;
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

/** The customer is being removed, so nothing new is begun for it. */
export class CustomerLeavingError extends Error {
  override readonly name = "CustomerLeavingError";
  readonly code = "customer_leaving";
  readonly statusCode = 409;
  constructor() {
    super("This customer is being removed. Repeat the request in some seconds.");
  }
}

/** The id is of another customer than the one that is meant. */
export class CustomerTakenError extends Error {
  override readonly name = "CustomerTakenError";
  readonly code = "customer_taken";
  readonly statusCode = 409;
  readonly stored: Customer;
  constructor(stored: Customer) {
    super("Another customer has this id.");
    this.stored = stored;
  }
}

/** @throws CustomerNotFoundError */
export async function findExisting(
  customers: Pick<CustomerStore, "find">,
  customerId: string,
): Promise<ListedCustomer> {
  const customer = await customers.find(customerId);
  if (customer === undefined) throw new CustomerNotFoundError();
  return customer;
}

export async function openCustomerStore(database: Database, now = () => new Date()): Promise<CustomerStore> {
  await migrate(database, customerMigrations);
  await migrate(database, customerStateMigrations);
  const db = database.withTables<CustomerTables & CustomerStateTables>();

  return {
    async save(customer, mayCorrect) {
      // A customer as it is listed has its state, too, which isn't written here.
      const { customer_id, customer_email, customer_name, customer_phone } = customer;
      const named = { customer_email, customer_name, customer_phone };
      const corrected = { ...named, search_text: toSearchText(customer) };
      const at = now().toISOString();
      return exclusively(db, customerStatesKey, async (trx) => {
        if (mayCorrect !== undefined) await expectCorrectable(trx, customer_id, mayCorrect);
        const saved = await trx
          .insertInto("customers")
          .values({ customer_id, ...corrected, created_at: at, updated_at: at })
          .onConflict((conflict) =>
            conflict
              .column("customer_id")
              .doUpdateSet({ ...corrected, updated_at: at })
              .where("customers.leaving_since", "is", null),
          )
          .returning(customerColumns)
          .executeTakeFirst();
        if (saved === undefined) throw new CustomerLeavingError();
        await trx
          .insertInto("customer_states")
          .values({ customer_id, status: "pending", status_since: at })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return saved;
      });
    },

    async find(customerId) {
      const row = await selectListed(db).where("customers.customer_id", "=", customerId).executeTakeFirst();
      return row && toListed(row);
    },

    markLeaving: (customerId) =>
      db
        .updateTable("customers")
        .set({ leaving_since: sql<string>`coalesce(leaving_since, ${now().toISOString()})` })
        .where("customer_id", "=", customerId)
        .returning(customerColumns)
        .executeTakeFirst(),

    isStaying: (customer) => isStaying(db, customer),

    listLeaving: (limit) =>
      db
        .selectFrom("customers")
        .select(customerColumns)
        .where("leaving_since", "is not", null)
        .orderBy("leaving_since")
        .limit(limit)
        .execute(),

    remove: ({ customer_id, created_at }) =>
      exclusively(db, customerStatesKey, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom("customers")
          .where("customer_id", "=", customer_id)
          .where("created_at", "=", created_at)
          .executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return false;
        await trx.deleteFrom("customer_states").where("customer_id", "=", customer_id).execute();
        return true;
      }),

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}

/** See `CustomerStore.isStaying`. */
async function isStaying(
  db: Kysely<CustomerTables>,
  { customer_id, created_at }: Pick<Customer, "customer_id" | "created_at">,
): Promise<boolean> {
  const row = await db
    .selectFrom("customers")
    .select("customer_id")
    .where("customer_id", "=", customer_id)
    .where("created_at", "=", created_at)
    .where("leaving_since", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** @throws CustomerTakenError */
async function expectCorrectable(
  trx: Kysely<CustomerTables & CustomerStateTables>,
  customerId: string,
  mayCorrect: (stored: Customer) => boolean,
): Promise<void> {
  const stored = await trx
    .selectFrom("customers")
    .select(customerColumns)
    .where("customer_id", "=", customerId)
    .executeTakeFirst();
  if (stored !== undefined && !mayCorrect(stored)) throw new CustomerTakenError(stored);
}
