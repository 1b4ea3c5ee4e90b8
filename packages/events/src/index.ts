/**
 * The event log of a service: what has happened, written in the transaction of the deed itself. The contract
 * (`event-log.ts`), the kinds of events (`kinds.ts`, also exported alone for other services), the log over a database
 * (`open-event-log.ts`, `event-ids.ts`, `migrations.ts`, `cursor.ts`), and waiting for what comes (`long-poll.ts`). Who shows events to
 * people is in the apps.
 */

export { EventCursorError } from "./cursor.ts";
export type { AppendEvent, EventFilter, EventLog, EventPage, EventTransaction } from "./event-log.ts";
export { type EventBody, type EventKind, type NewEvent, readEvent, type StoredEvent } from "./kinds.ts";
export { pollEvents } from "./long-poll.ts";
export { eventMigrations } from "./migrations.ts";
export { openEventLog } from "./open-event-log.ts";
export { renewLogId } from "./renew-log-id.ts";
