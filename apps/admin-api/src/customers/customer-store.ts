import { type Database, exclusively, migrate } from "@cita/database";
import { type Kysely, sql } from "kysely";
import { customerStatesKey } from "../customer-states/customer-state-store.ts";
import { type CustomerStateTables, customerStateMigrations } from "../customer-states/migrations.ts";
import { type CustomerTables, customerMigrations } from "./migrations.ts";

export type Customer = {
  readonly customer_id: string;
  readonly customer_email: string;
  readonly customer_name: string;
  readonly created_at: string;
};

/** The operator's customers, by id, with address and name. Nothing about their calendars is stored here. */
export type CustomerStore = {
  /** Adds a customer, whose state is pending, or corrects the address and name of one that is there. */
  save(customer: Omit<Customer, "created_at">): Promise<void>;
  find(customerId: string): Promise<Customer | undefined>;
  /** Customers with ids after `after`, in order. */
  list(after: string | undefined, limit: number, filter?: CustomerFilter): Promise<Customer[]>;
  /** Removes a customer with its state. @returns whether there was one. */
  remove(customerId: string): Promise<boolean>;
  /** Rejects where the database doesn't answer. */
  check(): Promise<void>;
};

export type CustomerFilter = {
  readonly status?: string | undefined;
  readonly calendar_state?: string | undefined;
  /** A part of the id, the name or the address, whatever the case of its ASCII letters. */
  readonly q?: string | undefined;
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
  await migrate(database, customerStateMigrations);
  const db = database.withTables<CustomerTables & CustomerStateTables>();

  return {
    async save(customer) {
      const { customer_id, ...corrected } = customer;
      const at = now().toISOString();
      await exclusively(db, customerStatesKey, async (trx) => {
        await trx
          .insertInto("customers")
          .values({ ...customer, created_at: at, updated_at: at })
          .onConflict((conflict) =>
            conflict.column("customer_id").doUpdateSet({ ...corrected, updated_at: at }),
          )
          .execute();
        await trx
          .insertInto("customer_states")
          .values({ customer_id, status: "pending", status_since: at })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
    },

    find: (customerId) =>
      db.selectFrom("customers").select(columns).where("customer_id", "=", customerId).executeTakeFirst(),

    list: (after, limit, filter) => listCustomers(db, { after, limit, ...filter }),

    remove: (customerId) =>
      exclusively(db, customerStatesKey, async (trx) => {
        await trx.deleteFrom("customer_states").where("customer_id", "=", customerId).execute();
        const { numDeletedRows } = await trx
          .deleteFrom("customers")
          .where("customer_id", "=", customerId)
          .executeTakeFirstOrThrow();
        return numDeletedRows > 0n;
      }),

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}

const columns = ["customers.customer_id", "customer_email", "customer_name", "created_at"] as const;

type ListQuery = CustomerFilter & { readonly after: string | undefined; readonly limit: number };

/** Reads an index of the states where the filter is about them, since few customers may match. */
function listCustomers(
  db: Kysely<CustomerTables & CustomerStateTables>,
  { after = "", limit, status, calendar_state, q = "" }: ListQuery,
): Promise<Customer[]> {
  const isByState = calendar_state !== undefined || status !== undefined;
  const id = isByState ? "state.customer_id" : "customers.customer_id";
  // ASCII letters alone, as the databases' `lower` does for these columns.
  const text = q.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const has = (column: string) => sql`lower(${sql.ref(`customers.${column}`)}) like ${pattern} escape '\\'`;
  return (
    db
      .selectFrom("customers")
      .leftJoin("customer_states as state", "state.customer_id", "customers.customer_id")
      .select(columns)
      .where("customers.customer_id", ">", after)
      // PostgreSQL doesn't conclude it, and would read the index from its beginning.
      .$if(isByState, (all) => all.where("state.customer_id", ">", after))
      .$if(status !== undefined, (all) => all.where("state.status", "=", status ?? ""))
      .$if(calendar_state !== undefined, (all) =>
        all.where("state.calendar_state", "=", calendar_state ?? ""),
      )
      .$if(q !== "", (all) =>
        all.where(
          sql<boolean>`(${has("customer_id")} or ${has("customer_name")} or ${has("customer_email")})`,
        ),
      )
      .orderBy(id)
      .limit(limit)
      .execute()
  );
}
