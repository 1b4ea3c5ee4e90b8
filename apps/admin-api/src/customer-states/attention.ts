import { type RawBuilder, sql } from "kysely";

/** States of a connected calendar that somebody has to look after. */
export const badCalendarStates = ["unreadable", "refused", "not_found", "unreachable"] as const;

/**
 * Since when somebody has to look after a customer; null: nobody has to. Written without parameters, so that both engines
 * see that it is the first column of the index `customer_states_needing_attention`.
 * @param table the name or alias of `customer_states`.
 */
export function attentionSince(table: string): RawBuilder<string | null> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  const states = sql.join(badCalendarStates.map((state) => sql.lit(state)));
  return sql`case when ${column("status")} = 'reconnect_required' or ${column("calendar_state")} in (${states})
    then coalesce(${column("calendar_state_since")}, ${column("status_since")}, '0') end`;
}
