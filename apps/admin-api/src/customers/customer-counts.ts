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
    const [total, statuses, byCalendarState] = await Promise.all([
      countAll(db, scope),
      countBy<CustomerState["status"]>(db, scope, "status"),
      countBy<CalendarStateName>(db, scope, "calendar_state"),
    ]);
    const of = (status: CustomerState["status"]) => statuses.get(status) ?? 0;
    const [connected, reconnect_required, disconnected] = [
      of("connected"),
      of("reconnect_required"),
      of("disconnected"),
    ];
    // Those whose state isn't known are pending.
    const pending = total - connected - reconnect_required - disconnected;
    return { total, byStatus: { pending, connected, reconnect_required, disconnected }, byCalendarState };
  };
}

type Db = Kysely<CustomerTables & CustomerStateTables>;

async function countAll(db: Db, scope: CustomerScope): Promise<number> {
  const { total } = await db
    .selectFrom("customers")
    .where(isInScope(scope, "customer_id"))
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return Number(total);
}

async function countBy<State extends string>(
  db: Db,
  scope: CustomerScope,
  column: "status" | "calendar_state",
): Promise<ReadonlyMap<State, number>> {
  const rows = await db
    .selectFrom("customer_states")
    .where(isInScope(scope, "customer_id"))
    .$if(column === "calendar_state", (all) => all.where("calendar_state", "in", badCalendarStates))
    .groupBy(column)
    .select([column, ({ fn }) => fn.countAll<number>().as("count")])
    .execute();
  return new Map(rows.map((row) => [row[column] as State, Number(row.count)]));
}
