import type { EventQuery } from "./event-query.ts";
import type { EventRecord } from "./event-record.ts";
import type { EventStore } from "./event-store.ts";
import { comparePositions, makePageToken } from "./page-token.ts";

/** A page of events, and the token of the next page where there is one. */
export type EventPage = { records: EventRecord[]; nextPageToken: string | undefined };

/** How far an endless series is expanded where the request gives no `timeMax`. */
const OPEN_END_MS = 2 * 365 * 86_400_000;

/** Runs a query over a calendar: expands, filters, orders and cuts a page. */
export function findEvents(store: EventStore, query: EventQuery, nowMs: number): EventPage {
  const keyed = candidates(store, query, nowMs)
    .filter((record) => matches(record, query))
    .map((record) => ({ record, key: sortKey(record, query) }))
    .filter(({ record, key }) => !query.after || comparePositions({ key, id: record.id }, query.after) > 0)
    .sort((a, b) => comparePositions({ key: a.key, id: a.record.id }, { key: b.key, id: b.record.id }));
  const page = keyed.slice(0, query.maxResults);
  const last = page.at(-1);
  const more = keyed.length > page.length && last !== undefined;
  return {
    records: page.map(({ record }) => record),
    nextPageToken: more ? makePageToken({ key: last.key, id: last.record.id }, query.fingerprint) : undefined,
  };
}

function candidates(store: EventStore, query: EventQuery, nowMs: number): EventRecord[] {
  const found: EventRecord[] = [];
  for (const record of store.records()) {
    const occurs = record.recurrence
      ? instancesInRange(store, record, query, nowMs)
      : inRange(record, query)
        ? [record]
        : [];
    if (occurs.length === 0) continue;
    if (record.recurrence && !query.singleEvents) found.push(record);
    else found.push(...occurs);
  }
  return found;
}

function instancesInRange(
  store: EventStore,
  master: EventRecord,
  query: EventQuery,
  nowMs: number,
): EventRecord[] {
  const length = master.endMs - master.startMs;
  const fromMs = Math.max(query.timeMinMs - length, master.startMs);
  const toMs = Math.min(query.timeMaxMs, Math.max(nowMs, query.timeMinMs, master.startMs) + OPEN_END_MS);
  if (toMs < fromMs) return [];
  return store.instances(master, fromMs, toMs).filter((instance) => inRange(instance, query));
}

function inRange(record: EventRecord, query: EventQuery): boolean {
  return record.endMs > query.timeMinMs && record.startMs < query.timeMaxMs;
}

function matches({ resource, updatedMs }: EventRecord, query: EventQuery): boolean {
  if (resource.status === "cancelled" && !showsCancelled(resource.recurringEventId, query)) return false;
  if (updatedMs < query.updatedMinMs) return false;
  if (query.iCalUID !== undefined && resource.iCalUID !== query.iCalUID) return false;
  if (query.eventTypes.length > 0 && !query.eventTypes.includes(resource.eventType ?? "default"))
    return false;
  const { private: own, shared } = resource.extendedProperties ?? {};
  return (
    query.privateProperties.every(([key, value]) => own?.[key] === value) &&
    query.sharedProperties.every(([key, value]) => shared?.[key] === value) &&
    (query.text === undefined || mentions(resource, query.text))
  );
}

/** Cancelled instances show even without `showDeleted` where the series isn't expanded, so clients can skip them. */
function showsCancelled(recurringEventId: string | null | undefined, query: EventQuery): boolean {
  return query.showDeleted || (!query.singleEvents && Boolean(recurringEventId));
}

function mentions(
  { summary, description, location, attendees }: EventRecord["resource"],
  text: string,
): boolean {
  const people = (attendees ?? []).flatMap(({ email, displayName }) => [email, displayName]);
  return [summary, description, location, ...people].some((field) => field?.toLowerCase().includes(text));
}

function sortKey(record: EventRecord, query: EventQuery): number {
  if (query.orderBy === "startTime") return record.startMs;
  if (query.orderBy === "updated") return record.updatedMs;
  // "An unspecified, stable order": ids alone, so nobody comes to rely on it being by time.
  return 0;
}
