import { randomBytes } from "node:crypto";
import type { calendar_v3 } from "@googleapis/calendar";
import { withConference } from "./conference.ts";
import { applyChanges, type EventChanges } from "./event-input.ts";
import { makeInstance } from "./event-instance.ts";
import {
  type CalendarOwner,
  type EventRecord,
  makeRecord,
  restoreRecord,
  type StoredEvent,
  storedPart,
} from "./event-record.ts";
import { GoogleError, invalid, notFound } from "./google-error.ts";
import { type Mail, mailsAbout } from "./mails.ts";

type Event = calendar_v3.Schema$Event;

/** How one write is to be done. */
export type WriteOptions = {
  /** The `If-Match` header: the write is refused with 412 unless the event's etag is among these. */
  ifMatch?: string | undefined;
  /** `conferenceDataVersion=1`: without it `conferenceData` in the body is ignored. */
  conferences?: boolean;
  /** `sendUpdates=all` or `externalOnly`: guests are mailed. */
  informsGuests?: boolean;
};

/** One calendar of an account. Every method throws a GoogleError where Google would refuse. */
export type EventStore = {
  readonly owner: CalendarOwner;
  /** When anything was last written. */
  updatedMs(): number;
  /** Everything stored: single events, masters, exceptions; deleted ones with status `cancelled`. */
  records(): Iterable<EventRecord>;
  /** The instances of a recurring event that start in `[fromMs, toMs]`, without those stored as exceptions. */
  instances(master: EventRecord, fromMs: number, toMs: number): EventRecord[];
  get(id: string): EventRecord;
  insert(id: string | undefined, event: Event, options?: WriteOptions): EventRecord;
  patch(id: string, changes: EventChanges, options?: WriteOptions): EventRecord;
  replace(id: string, changes: EventChanges, options?: WriteOptions): EventRecord;
  remove(id: string, options?: WriteOptions): void;
  /** What guests were mailed since the sandbox was started, oldest first. */
  mails(): readonly Mail[];
  snapshot(): CalendarSnapshot;
};

/** A calendar as plain data, to be made again after a restart. */
export type CalendarSnapshot = {
  updatedMs: number;
  /** Etags grow from here on, so that none is given twice. */
  lastEtag: number;
  events: StoredEvent[];
};

const CLIENT_ID = /^[a-v0-9]{5,1024}$/;
const INSTANCE_ID = /^(.+)_(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/;

/** An empty calendar, or the one a snapshot was taken of. */
export function createEventStore(
  owner: CalendarOwner,
  now: () => number,
  earlier?: CalendarSnapshot,
): EventStore {
  const stored = createStoredEvents(owner, now, earlier);
  const { events, find, dropExceptions } = stored;
  const mails: Mail[] = [];

  function save(id: string, event: Event, { informsGuests }: WriteOptions): EventRecord {
    const before = events.get(id)?.resource;
    const record = stored.save(id, event);
    if (informsGuests) mails.push(...mailsAbout(id, before, record.resource));
    return record;
  }

  function get(id: string): EventRecord {
    const record = find(id);
    if (!record) throw notFound();
    return record;
  }

  function write(current: EventRecord, next: Event, options: WriteOptions): EventRecord {
    const sequence = Math.max(next.sequence ?? 0, (current.resource.sequence ?? 0) + 1);
    const event = options.conferences ? withConference(next, current.id) : next;
    const record = save(current.id, { ...event, sequence }, options);
    if (current.recurrence && reschedules(current, record)) dropExceptions(current.id);
    return record;
  }

  return {
    owner,
    updatedMs: stored.updatedMs,
    records: () => events.values(),
    instances: stored.instances,
    get,
    insert(givenId, event, options = {}) {
      if (givenId !== undefined && !CLIENT_ID.test(givenId)) throw invalid("Invalid resource id value.");
      if (givenId !== undefined && events.has(givenId)) {
        throw new GoogleError(409, "duplicate", "The requested identifier already exists.");
      }
      const id = givenId ?? newEventId();
      return save(id, options.conferences ? withConference(event, id) : event, options);
    },
    patch(id, changes, options = {}) {
      const current = get(id);
      checkMatch(current, options.ifMatch);
      return write(current, applyChanges(current.resource, allowed(changes, options)), options);
    },
    replace(id, changes, options = {}) {
      const current = get(id);
      checkMatch(current, options.ifMatch);
      const remains = kept(current.resource, options);
      return write(current, applyChanges(remains, allowed(changes, options)), options);
    },
    remove(id, options = {}) {
      const current = get(id);
      if (current.resource.status === "cancelled") {
        throw new GoogleError(410, "deleted", "Resource has been deleted");
      }
      checkMatch(current, options.ifMatch);
      save(id, { ...current.resource, status: "cancelled" }, options);
      if (current.recurrence) dropExceptions(id);
    },
    mails: () => mails,
    snapshot: stored.snapshot,
  };
}

/** The events themselves, and the instances of those that recur; whether Google would allow a write isn't asked here. */
function createStoredEvents(owner: CalendarOwner, now: () => number, earlier?: CalendarSnapshot) {
  const events = new Map<string, EventRecord>();
  for (const stored of earlier?.events ?? []) events.set(stored.id, restoreRecord(stored, owner));
  const etags = createEtags(now, earlier?.lastEtag);
  let updatedMs = earlier?.updatedMs ?? now();

  function instances(master: EventRecord, fromMs: number, toMs: number): EventRecord[] {
    const occurrences = master.recurrence?.between(fromMs, toMs) ?? [];
    return occurrences
      .filter(({ suffix }) => !events.has(`${master.id}_${suffix}`))
      .map((occurrence) => makeInstance(master, occurrence, owner));
  }

  function findInstance(id: string): EventRecord | undefined {
    const [, masterId, year, month, day, hour, minute, second] = INSTANCE_ID.exec(id) ?? [];
    const master = masterId === undefined ? undefined : events.get(masterId);
    if (!master?.recurrence) return undefined;
    const startMs = Date.parse(
      `${year}-${month}-${day}T${hour ?? "00"}:${minute ?? "00"}:${second ?? "00"}Z`,
    );
    // An all-day instance's id names its date, which starts somewhere within a day of UTC's midnight.
    const margin = hour === undefined ? 86_400_000 : 0;
    return instances(master, startMs - margin, startMs + margin).find((instance) => instance.id === id);
  }

  return {
    events,
    instances,
    find: (id: string) => events.get(id) ?? findInstance(id),
    updatedMs: () => updatedMs,
    save(id: string, event: Event): EventRecord {
      const record = makeRecord(event, owner, { id, etag: etags.next(), nowMs: now() });
      events.set(id, record);
      updatedMs = record.updatedMs;
      return record;
    },
    /** Instances of the old times mean nothing once a series moved. */
    dropExceptions(masterId: string): void {
      for (const { id, resource } of events.values()) {
        if (resource.recurringEventId === masterId) events.delete(id);
      }
    },
    snapshot: (): CalendarSnapshot => ({
      updatedMs,
      lastEtag: etags.last(),
      events: [...events.values()].map(storedPart),
    }),
  };
}

function allowed(changes: EventChanges, options: WriteOptions): EventChanges {
  return options.conferences ? changes : { ...changes, conferenceData: undefined };
}

/** What a full update can't remove: the fields the server owns. */
function kept(event: Event, options: WriteOptions): Event {
  const { created, creator, organizer, iCalUID, eventType, recurringEventId, originalStartTime } = event;
  const { hangoutLink, conferenceData } = event;
  const fields = {
    ...{ created, creator, organizer, iCalUID, eventType },
    ...(recurringEventId && { recurringEventId, originalStartTime }),
    ...(!options.conferences && conferenceData && { hangoutLink, conferenceData }),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function reschedules(before: EventRecord, after: EventRecord): boolean {
  return (
    before.startMs !== after.startMs ||
    before.resource.recurrence?.join("\n") !== after.resource.recurrence?.join("\n")
  );
}

/** https://developers.google.com/workspace/calendar/api/guides/version-resources */
function checkMatch({ resource }: EventRecord, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === "*") return;
  if (ifMatch.split(",").some((etag) => etag.trim() === resource.etag)) return;
  throw new GoogleError(412, "conditionNotMet", "Precondition Failed", {
    location: "If-Match",
    locationType: "header",
  });
}

/** Etags grow with every write, so that two writes in one millisecond still differ. */
function createEtags(now: () => number, start = 0): { next(): string; last(): number } {
  let last = start;
  return {
    next() {
      last = Math.max(last + 1, now() * 2000);
      return `"${last}"`;
    },
    last: () => last,
  };
}

/** 26 characters of base32hex, the alphabet Google uses for its own ids. */
function newEventId(): string {
  return Array.from(randomBytes(26), (byte) => (byte % 32).toString(32)).join("");
}
