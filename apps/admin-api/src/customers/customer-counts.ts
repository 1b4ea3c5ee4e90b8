import type { Database } from "@cita/database";
import type { Kysely } from "kysely";
import type { CustomerScope } from "../access/caller.ts";
import { badCalendarStates } from "../customer-states/attention.ts";
import type { CalendarStateName, CustomerState } from "../customer-states/fold-event.ts";
import type { CustomerStateTables } from "../customer-states/migrations.ts";
import { isInScope } from "./customer-scope.ts";
import type { CustomerTables } from "./migrations.ts";

/** How many customers are in each state, within what somebody may see. */
export type CustomerCounts = {
  readonly total: number;
  readonly byStatus: Readonly<Record<CustomerState["status"], number>>;
  /** Connected, with calendars that don't answer as they should. */
  readonly byCalendarState: ReadonlyMap<CalendarStateName, number>;
};

export type CountCustomers = (scope: CustomerScope) => Promise<CustomerCounts>;

/** The tables of customers, their states and people must exist. */
export function createCustomerCounts(database: Database): CountCustomers {
  const db = database.withTables<CustomerTables & CustomerStateTables>();
  return async (scope) => {
    const rows = await countByStates(db, scope);
    const byStatus = { pending: 0, connected: 0, reconnect_required: 0, disconnected: 0 };
    const byCalendarState = new Map<CalendarStateName, number>();
    for (const { status, calendarState, count } of rows) {
      byStatus[status] += count;
      if (calendarState !== null && isBad(calendarState))
        byCalendarState.set(calendarState, (byCalendarState.get(calendarState) ?? 0) + count);
    }
    return { total: rows.reduce((sum, { count }) => sum + count, 0), byStatus, byCalendarState };
  };
}

const isBad = (state: CalendarStateName) => badCalendarStates.some((bad) => bad === state);

type Db = Kysely<CustomerTables & CustomerStateTables>;

/** Reads one index, of all customers in the scope: every customer has a state. */
async function countByStates(db: Db, scope: CustomerScope) {
  const rows = await db
    .selectFrom("customer_states")
    .$if(scope.kind !== "all", (all) => all.where(isInScope(scope, "customer_id")))
    .groupBy(["status", "calendar_state"])
    .select(["status", "calendar_state", ({ fn }) => fn.countAll<number>().as("count")])
    .execute();
  return rows.map((row) => ({
    status: row.status as CustomerState["status"],
    calendarState: row.calendar_state as CalendarStateName | null,
    count: Number(row.count),
  }));
}
