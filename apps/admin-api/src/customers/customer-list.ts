import { type Database, hasText } from "@cita/database";
import { type Kysely, sql } from "kysely";
import type { CustomerScope } from "../access/caller.ts";
import { attentionSince } from "../customer-states/attention.ts";
import type { CalendarStateName, CustomerState } from "../customer-states/fold-event.ts";
import type { CustomerStateTables } from "../customer-states/migrations.ts";
import { isInScope } from "./customer-scope.ts";
import type { CustomerTables } from "./migrations.ts";

export type Customer = {
  readonly customer_id: string;
  readonly customer_email: string;
  readonly customer_name: string;
  /** E.164, for WhatsApp; null: not known. */
  readonly customer_phone: string | null;
  readonly created_at: string;
};

/** A customer with what is known of its calendar, from the service's own tables alone. */
export type ListedCustomer = Customer & Omit<CustomerState, "eventId">;

export type CustomerSearch = {
  readonly scope: CustomerScope;
  /** The customers with ids after this one, in order. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly status?: string | undefined;
  readonly calendarState?: string | undefined;
  /** A part of the id, the name or the address, whatever the case of its ASCII letters. */
  readonly q?: string | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
};

/** Lists customers within what somebody may see, with states and filters. */
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
    async search(search) {
      const { status, calendarState, q = "", ids } = search;
      if (ids?.length === 0) return [];
      const isByState = (status ?? calendarState) !== undefined && q === "" && ids === undefined;
      const found = isByState ? findInStates(db, search) : findAmongAll(db, search);
      // The page's ids first: otherwise PostgreSQL reads customers until as many of them are in the state.
      const rows = await selectListed(db)
        .where("customers.customer_id", "in", found)
        .orderBy("customers.customer_id")
        .execute();
      return rows.map(toListed);
    },
    needingAttention: (scope, limit) => findNeedingAttention(db, scope, limit),
  };
}

export const customerColumns = [
  ...["customers.customer_id", "customer_email", "customer_name", "customer_phone", "created_at"],
] as const;

/** Every customer has a state. */
export function selectListed(db: Db) {
  return db
    .selectFrom("customers")
    .innerJoin("customer_states as state", "state.customer_id", "customers.customer_id")
    .select([...customerColumns, "state.status", "state.provider"])
    .select(["status_since", "calendar_state", "calendar_state_since", "last_booked_at"]);
}

/** Reads an index of the states, since few customers may be in one. */
function findInStates(db: Db, { scope, after = "", limit, status, calendarState }: CustomerSearch) {
  return db
    .selectFrom("customer_states as found")
    .select("found.customer_id")
    .where("found.customer_id", ">", after)
    .$if(status !== undefined, (all) => all.where("found.status", "=", status ?? ""))
    .$if(calendarState !== undefined, (all) => all.where("found.calendar_state", "=", calendarState ?? ""))
    .$if(scope.kind !== "all", (all) => all.where(isInScope(scope, "found.customer_id")))
    .orderBy("found.customer_id")
    .limit(limit);
}

/** Reads the texts of all customers, in their index, where one is looked for, and the states of those that have it. */
function findAmongAll(db: Db, search: CustomerSearch) {
  const { scope, after = "", limit, status, calendarState, q = "", ids } = search;
  const conditions = [
    sql`state.customer_id = found.customer_id`,
    ...(status === undefined ? [] : [sql`state.status = ${status}`]),
    ...(calendarState === undefined ? [] : [sql`state.calendar_state = ${calendarState}`]),
  ];
  const isInState = sql<boolean>`exists (select 1 from customer_states as state
    where ${sql.join(conditions, sql` and `)})`;
  return db
    .selectFrom("customers as found")
    .select("found.customer_id")
    .where("found.customer_id", ">", after)
    .$if(q !== "", (all) => all.where(hasText(db, "found.search_text", lowerAscii(q))))
    .$if(ids !== undefined, (all) => all.where("found.customer_id", "in", ids ?? []))
    .$if(scope.kind !== "all", (all) => all.where(isInScope(scope, "found.customer_id")))
    .$if(conditions.length > 1, (all) => all.where(isInState))
    .orderBy("found.customer_id")
    .limit(limit);
}

/** Reads an index in this order. */
async function findNeedingAttention(db: Db, scope: CustomerScope, limit: number): Promise<ListedCustomer[]> {
  const rows = await selectListed(db)
    .where(sql<boolean>`${attentionSince("state")} > ''`)
    .$if(scope.kind !== "all", (all) => all.where(isInScope(scope, "state.customer_id")))
    .orderBy(attentionSince("state"))
    .orderBy("state.customer_id")
    .limit(limit)
    .execute();
  return rows.map(toListed);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectListed>["execute"]>>[number];

export function toListed({
  status_since,
  calendar_state,
  calendar_state_since,
  ...row
}: Row): ListedCustomer {
  const { last_booked_at, status, ...known } = row;
  return {
    ...known,
    status: status as CustomerState["status"],
    statusSince: status_since,
    calendarState: calendar_state as CalendarStateName | null,
    calendarStateSince: calendar_state_since,
    lastBookedAt: last_booked_at,
  };
}

/** What a search looks through: each field on a line of its own. */
export function toSearchText({
  customer_id,
  customer_name,
  customer_email,
}: Pick<Customer, "customer_id" | "customer_name" | "customer_email">): string {
  return lowerAscii([customer_id, customer_name, customer_email].join("\n"));
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
