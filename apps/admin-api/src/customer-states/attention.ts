import { type RawBuilder, sql } from "kysely";

/** States of a connected calendar that somebody has to look after. */
export const badCalendarStates = ["unreadable", "refused", "not_found", "unreachable"] as const;

/**
 * Whether somebody has to look after a customer. Written without parameters, so that both engines see that it is the
 * condition of the index `customer_states_needing_attention`.
 * @param table the name or alias of `customer_states`.
 */
export function needsAttention(table: string): RawBuilder<boolean> {
  const states = sql.join(badCalendarStates.map((state) => sql.lit(state)));
  return sql<boolean>`(${sql.ref(`${table}.status`)} = 'reconnect_required'
    or ${sql.ref(`${table}.calendar_state`)} in (${states}))`;
}

/** Since when, of such a customer: the index's first column. */
export function attentionSince(table: string): RawBuilder<string | null> {
  return sql`coalesce(${sql.ref(`${table}.calendar_state_since`)}, ${sql.ref(`${table}.status_since`)})`;
}
