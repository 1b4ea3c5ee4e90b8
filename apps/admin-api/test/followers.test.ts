import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionSummary, EventsPage, FeedEvent } from "@cita/calendar-api";
import { createLogger } from "@cita/process";
import { sql } from "kysely";
import t from "tap";
import { generateHistory } from "../../../test/support/event-histories.ts";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import { openCustomerStateStore } from "../src/customer-states/customer-state-store.ts";
import { type CustomerState, foldEvent } from "../src/customer-states/fold-event.ts";
import { createFollower } from "../src/customer-states/follower.ts";
import { openCustomerStore } from "../src/customers/customer-store.ts";

const at = "2027-01-18T14:00:00.000Z";
const customerIds = Array.from({ length: 12 }, (_, i) => `customer-${i}`);

/** A calendar service whose events are appended by the test. Its summaries say what the events before have made. */
function createCalendarService() {
  const log: FeedEvent[] = [];
  const states = new Map<string, CustomerState>();
  return {
    states,
    append(customer_id: string, body: { kind: string; data: object }) {
      const event = { ...body, customer_id, id: log.length + 1, at, data: { ...body.data } };
      log.push(event);
      const state = foldEvent(states.get(customer_id), event);
      if (state !== undefined) states.set(customer_id, state);
    },
    api: {
      async events({ after, limit = 100 }: { after?: string; limit?: number }): Promise<EventsPage> {
        if (after === undefined) return { events: [], cursor: `${log.length}` };
        await sleep(Math.random() * 10);
        const events = log.slice(Number(after), Number(after) + Math.min(limit, 7));
        return { events, cursor: `${Number(after) + events.length}` };
      },
      async connections(ids: readonly string[]): Promise<ConnectionSummary[]> {
        const found = ids.flatMap((id) => toSummary(id, states.get(id)) ?? []);
        await sleep(Math.random() * 10);
        return found;
      },
    },
    length: () => log.length,
  };
}

function toSummary(customer_id: string, state: CustomerState | undefined): ConnectionSummary | undefined {
  if (state === undefined) return undefined;
  const { status, provider, statusSince, calendarState, calendarStateSince } = state;
  return {
    ...{ customer_id, status, provider, calendar_email: null, access_ends_at: null },
    connected_at: status === "connected" ? statusSince : null,
    ...{ reconnect_required_since: statusSince, reconnect_reason: null },
    ...{ reconnect_message: null, reconnect_link: null },
    calendar_state:
      calendarState === null ? null : { state: calendarState, since: calendarStateSince, message: "" },
  };
}

forEachDatabase(
  t,
  "four processes that follow at once keep the states that one would",
  async (t, database) => {
    const { api, append, states, length } = createCalendarService();
    const logger = createLogger("silent");
    const histories = customerIds.map((id) => ({
      id,
      bodies: generateHistory(Array.from({ length: 25 }, () => Math.floor(Math.random() * 100))),
    }));
    const appendNext = () => {
      for (const { id, bodies } of histories) {
        const { value } = bodies.next();
        if (value !== undefined) append(id, value);
      }
    };
    for (let i = 0; i < 5; i++) appendNext();

    const open = async () => {
      const db = database.open();
      const customers = await openCustomerStore(db);
      const store = await openCustomerStateStore(db);
      return { db, customers, store, follower: createFollower({ store, calendarApi: api, logger }) };
    };
    const processes = [await open(), await open(), await open(), await open()] as const;
    const [{ db, customers, store }] = processes;
    for (const id of customerIds)
      await customers.save({ customer_id: id, customer_name: id, customer_email: `${id}@example.com` });
    for (const { follower } of processes) follower.start();
    for (let i = 0; i < 30; i++) {
      appendNext();
      await sleep(5);
      // Another log, as after a restored backup: all begin with one snapshot again.
      if (i === 15) await store.forgetCursor((await store.cursor()) ?? "");
    }
    while ((await store.cursor()) !== `${length()}`) await sleep(10);
    await Promise.all(processes.map(({ follower }) => follower.stop()));

    const { rows } = await sql<{ customer_id: string; status: string; calendar_state: string | null }>`
    select customer_id, status, calendar_state from customer_states`.execute(db);
    const stored = new Map(rows.map((row) => [row.customer_id, `${row.status} ${row.calendar_state}`]));
    for (const [id, { status, calendarState }] of states)
      t.equal(stored.get(id), `${status} ${calendarState}`, id);
    t.equal(stored.size, states.size);
  },
);
