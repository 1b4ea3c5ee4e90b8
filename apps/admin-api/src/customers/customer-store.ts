import { type Database, exclusively, hasText, migrate } from "@cita/database";
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

/** A customer with what is known of its status, from the calendar service's events; null: nothing yet. */
export type ListedCustomer = Customer & {
  readonly known_status: string | null;
  readonly status_since: string | null;
};

/**
 * The operator's customers, by id, with address and name. Nothing about their calendars is stored here. A customer is
 * meant by its id and `created_at`: one that is removed and added again is another one.
 */
export type CustomerStore = {
  /**
   * Adds a customer, whose state is pending, or corrects the address and name of one that is there.
   * @throws CustomerLeavingError
   */
  save(customer: Omit<Customer, "created_at">): Promise<Customer>;
  find(customerId: string): Promise<ListedCustomer | undefined>;
  /** Customers with ids after `after`, in order. */
  list(after: string | undefined, limit: number, filter?: CustomerFilter): Promise<ListedCustomer[]>;
  /** Begins to remove a customer: from now on it isn't saved. @returns undefined where there is none. */
  leave(customerId: string): Promise<Customer | undefined>;
  /** Customers that are being removed, those that have been for the longest first. */
  leaving(limit: number): Promise<Customer[]>;
  /** Removes a customer with its state. @returns whether it was there. */
  remove(customer: Pick<Customer, "customer_id" | "created_at">): Promise<boolean>;
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

/** The customer is being removed, so nothing new is begun for it. */
export class CustomerLeavingError extends Error {
  override readonly name = "CustomerLeavingError";
  readonly code = "customer_leaving";
  readonly statusCode = 409;
  constructor() {
    super("This customer is being removed. Repeat the request in some seconds.");
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
    async save(customer) {
      const { customer_id, ...named } = customer;
      const corrected = { ...named, search_text: toSearchText(customer) };
      const at = now().toISOString();
      return exclusively(db, customerStatesKey, async (trx) => {
        const saved = await trx
          .insertInto("customers")
          .values({ customer_id, ...corrected, created_at: at, updated_at: at })
          .onConflict((conflict) =>
            conflict
              .column("customer_id")
              .doUpdateSet({ ...corrected, updated_at: at })
              .where("customers.leaving_since", "is", null),
          )
          .returning(columns)
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

    find: (customerId) => selectListed(db).where("customers.customer_id", "=", customerId).executeTakeFirst(),

    list: (after, limit, filter) => listCustomers(db, { after, limit, ...filter }),

    leave: (customerId) =>
      db
        .updateTable("customers")
        .set({ leaving_since: sql<string>`coalesce(leaving_since, ${now().toISOString()})` })
        .where("customer_id", "=", customerId)
        .returning(columns)
        .executeTakeFirst(),

    leaving: (limit) =>
      db
        .selectFrom("customers")
        .select(columns)
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

const columns = ["customers.customer_id", "customer_email", "customer_name", "created_at"] as const;

type ListQuery = CustomerFilter & { readonly after: string | undefined; readonly limit: number };

type Db = Kysely<CustomerTables & CustomerStateTables>;

function selectListed(db: Db) {
  return db
    .selectFrom("customers")
    .leftJoin("customer_states as state", "state.customer_id", "customers.customer_id")
    .select([...columns, "state.status as known_status", "state.status_since"]);
}

/** Reads an index of the states where the filter is about them, since few customers may match. */
function listCustomers(
  db: Db,
  { after = "", limit, status, calendar_state, q = "" }: ListQuery,
): Promise<ListedCustomer[]> {
  if (q !== "") return searchCustomers(db, { after, limit, status, calendar_state, q });
  const isByState = calendar_state !== undefined || status !== undefined;
  return (
    selectListed(db)
      .where("customers.customer_id", ">", after)
      // PostgreSQL doesn't conclude it, and would read the index from its beginning. Every customer has a state.
      .where("state.customer_id", ">", after)
      .$if(status !== undefined, (all) => all.where("state.status", "=", status ?? ""))
      .$if(calendar_state !== undefined, (all) =>
        all.where("state.calendar_state", "=", calendar_state ?? ""),
      )
      .orderBy(isByState ? "state.customer_id" : "customers.customer_id")
      .limit(limit)
      .execute()
  );
}

/** Reads the texts of all customers, in their index, and the states of those that have the text. */
function searchCustomers(
  db: Db,
  { after = "", limit, status, calendar_state, q = "" }: ListQuery,
): Promise<ListedCustomer[]> {
  const conditions = [
    sql`state.customer_id = found.customer_id`,
    ...(status === undefined ? [] : [sql`state.status = ${status}`]),
    ...(calendar_state === undefined ? [] : [sql`state.calendar_state = ${calendar_state}`]),
  ];
  const isInState = sql<boolean>`exists (select 1 from customer_states as state
    where ${sql.join(conditions, sql` and `)})`;
  const found = db
    .selectFrom("customers as found")
    .select("found.customer_id")
    .where("found.customer_id", ">", after)
    .where(hasText(db, "found.search_text", lowerAscii(q)))
    .$if(conditions.length > 1, (all) => all.where(isInState))
    .orderBy("found.customer_id")
    .limit(limit);
  return selectListed(db)
    .where("customers.customer_id", "in", found)
    .orderBy("customers.customer_id")
    .execute();
}

/** What a search looks through: each field on a line of its own. */
function toSearchText({ customer_id, customer_name, customer_email }: Omit<Customer, "created_at">): string {
  return lowerAscii([customer_id, customer_name, customer_email].join("\n"));
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
