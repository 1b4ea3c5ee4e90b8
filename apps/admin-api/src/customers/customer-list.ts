import type { Database } from "@cita/database";
import { type Kysely, sql } from "kysely";
import type { CustomerScope } from "../access/caller.ts";
import type { CalendarStateName, CustomerState } from "../customer-states/fold-event.ts";
import type { CustomerStateTables } from "../customer-states/migrations.ts";
import { badCalendarStates } from "./customer-counts.ts";
import { isInScope } from "./customer-scope.ts";
import type { Customer } from "./customer-store.ts";
import type { CustomerTables } from "./migrations.ts";

/** A customer with what is known of its calendar, from the service's own tables alone. */
export type ListedCustomer = Omit<Customer, "created_at" | "customer_phone"> & {
  readonly status: CustomerState["status"];
  readonly statusSince: string | null;
  readonly calendarState: CalendarStateName | null;
  readonly calendarStateSince: string | null;
  readonly provider: string | null;
  readonly lastBookedAt: string | null;
};

export type CustomerSearch = {
  readonly scope: CustomerScope;
  /** The customers with ids after this one, in order. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** A customer whose state isn't known is pending. */
  readonly status?: string | undefined;
  readonly calendarState?: string | undefined;
  /** A part of the id, the name or the address, whatever the case of its ASCII letters. */
  readonly q?: string | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
};

/** Lists customers for people: within what they may see, with states and filters. */
export type CustomerList = {
  search(search: CustomerSearch): Promise<ListedCustomer[]>;
  /** Those that somebody has to look after: lost longest first. */
  needingAttention(scope: CustomerScope, limit: number): Promise<ListedCustomer[]>;
};

type Db = Kysely<CustomerTables & CustomerStateTables>;

/** The tables of customers, their states and people must exist. */
export function createCustomerList(database: Database): CustomerList {
  const db: Db = database.withTables<CustomerTables & CustomerStateTables>();
  return {
    search: (search) => searchCustomers(db, search),
    needingAttention: (scope, limit) => findNeedingAttention(db, scope, limit),
  };
}

function selectListed(db: Db) {
  return db
    .selectFrom("customers")
    .leftJoin("customer_states as state", "state.customer_id", "customers.customer_id")
    .select(["customers.customer_id", "customer_email", "customer_name", "state.status", "state.provider"])
    .select(["status_since", "calendar_state", "calendar_state_since", "last_booked_at"]);
}

async function findNeedingAttention(db: Db, scope: CustomerScope, limit: number): Promise<ListedCustomer[]> {
  const rows = await selectListed(db)
    .where((eb) =>
      eb.or([
        eb("state.status", "=", "reconnect_required"),
        eb("state.calendar_state", "in", badCalendarStates),
      ]),
    )
    .where(isInScope(scope, "customers.customer_id"))
    .orderBy(sql`coalesce(calendar_state_since, status_since)`)
    .orderBy("customers.customer_id")
    .limit(limit)
    .execute();
  return rows.map(toListed);
}

async function searchCustomers(db: Db, search: CustomerSearch): Promise<ListedCustomer[]> {
  const { scope, after = "", limit, status, calendarState, q = "", ids } = search;
  const isByState = calendarState !== undefined || (status !== undefined && status !== "pending");
  const id = isByState ? "state.customer_id" : "customers.customer_id";
  const rows = await selectListed(db)
    .where(id, ">", after)
    .$if(ids !== undefined, (all) => all.where("customers.customer_id", "in", ids ?? []))
    .$if(status === "pending", (all) =>
      all.where(sql<boolean>`coalesce(state.status, 'pending') = 'pending'`),
    )
    .$if(status !== undefined && status !== "pending", (all) => all.where("state.status", "=", status ?? ""))
    .$if(calendarState !== undefined, (all) => all.where("state.calendar_state", "=", calendarState ?? ""))
    .$if(q !== "", (all) => all.where(hasText(q)))
    .where(isInScope(scope, "customers.customer_id"))
    .orderBy(id)
    .limit(limit)
    .execute();
  return rows.map(toListed);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectListed>["execute"]>>[number];

function toListed(row: Row): ListedCustomer {
  return {
    customer_id: row.customer_id,
    customer_email: row.customer_email,
    customer_name: row.customer_name,
    status: (row.status ?? "pending") as CustomerState["status"],
    statusSince: row.status_since,
    calendarState: row.calendar_state as CalendarStateName | null,
    calendarStateSince: row.calendar_state_since,
    provider: row.provider,
    lastBookedAt: row.last_booked_at,
  };
}

/** ASCII letters alone lose their case, as the databases' `lower` does for these columns. */
function hasText(q: string) {
  const text = q.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const has = (column: string) => sql`lower(${sql.ref(`customers.${column}`)}) like ${pattern} escape '\\'`;
  return sql<boolean>`(${has("customer_id")} or ${has("customer_name")} or ${has("customer_email")})`;
}
