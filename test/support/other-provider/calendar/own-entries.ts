import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { OwnEventCall } from "../../../../apps/mcp-calendar/src/calendars/assemble-calendar.ts";
import {
  CalendarError,
  type EventMove,
  type EventVersion,
  type Invitation,
  type NewEvent,
  type OwnEvent,
  type OwnEventKey,
  type Removal,
  type RetiredEvent,
  type WrittenEvent,
} from "../../../../apps/mcp-calendar/src/calendars/calendar.ts";
import type { AgendaCall } from "./agenda-api.ts";
import {
  foundEntries,
  invitableEntry,
  invitableMembers,
  oneEntry,
  ownLabel,
  ownMembers,
  toNewEntry,
  toOwnEvent,
  toPlaceholder,
  toWhen,
} from "./entry.ts";

type EntryCall = OwnEventCall<AgendaCall>;

const named = z.object({ ok: z.literal(true), entry: z.object({ id: z.string().min(1) }) });
const done = z.object({ ok: z.literal(true) });

/** @see `Calendar.insertEvent`, and so on for each of these. */
export async function insertEvent(from: EntryCall, event: NewEvent): Promise<WrittenEvent> {
  return { eventId: await sendInsert(from, toNewEntry(event)), meetLink: null };
}

/** Nobody else uses our `once`: the entry that has it is this one. @returns its id. */
function sendInsert({ call, ...from }: EntryCall, body: object): Promise<string> {
  return call({
    ...{ ...from, safety: "repeatable", path: "/new-entry", query: { show: "id" }, body },
    answer: named.transform(({ entry }) => entry.id),
    refusals: {
      entry_exists({ existing = "" }) {
        if (existing === "")
          throw new CalendarError("calendar_unavailable", "an existing entry without an id");
        return existing;
      },
    },
  });
}

const maxInvitationAttempts = 3;

/** Adds a guest to the entry as it was read: of two attempts with the same version only one arrives. */
export async function inviteAttendee(from: EntryCall, invitation: Invitation): Promise<boolean> {
  const { email, name, eventId } = invitation;
  let mayArrive = false;
  for (let attempts = 1; attempts <= maxInvitationAttempts; attempts++) {
    const entry = await fetchInvitable(from, eventId);
    const event = toOwnEvent(entry, "UTC", invitation);
    // "No such entry" may pass.
    if (event.kind === "unknown")
      throw new CalendarError("calendar_unavailable", "the event to invite to is not found");
    if (event.kind !== "found" || entry === undefined) return false;
    if (entry.guests.some(({ mail }) => mail.toLowerCase() === email.toLowerCase())) return true;
    try {
      const guests = [...entry.guests, { mail: email, name }];
      const outcome = await sendChange(from, event, { guests });
      if (outcome === "done") return true;
      // The refusal counts once an earlier attempt without an answer can't arrive any more.
      if (outcome === "guest_refused" && (!mayArrive || (await touchEvent(from, event)))) return false;
    } catch (error) {
      if (!(error instanceof CalendarError) || error.constructor !== CalendarError) throw error;
      mayArrive = true;
      if (!error.outcomeUnknown || attempts === maxInvitationAttempts) throw error;
    }
  }
  throw new CalendarError("calendar_unavailable", "the event keeps being changed");
}

function fetchInvitable({ call, customerId, callOptions }: EntryCall, eventId: string) {
  return call({
    ...{ customerId, safety: "repeatable", callOptions: { reservation: callOptions.reservation } },
    ...{ path: `/entry/${encodeURIComponent(eventId)}`, query: { show: invitableMembers } },
    answer: invitableEntry.transform(({ entry }): typeof entry | undefined => entry),
    refusals: { no_such_entry: () => undefined },
  });
}

export async function findEvent(from: EntryCall, event: OwnEventKey, timeZone: string): Promise<OwnEvent> {
  const { bookingId, eventId } = event;
  if (eventId !== null) return toOwnEvent(await fetchEntry(from, eventId), timeZone, event);
  const { call, customerId, callOptions } = from;
  const entries = await call({
    ...{ customerId, safety: "repeatable", callOptions: { reservation: callOptions.reservation } },
    ...{ path: "/entry-search", query: { label: `${ownLabel}:${bookingId}`, show: ownMembers } },
    answer: foundEntries.transform(({ entries }) => entries),
  });
  return toOwnEvent(entries.find(({ state }) => state === "planned") ?? entries[0], timeZone, event);
}

function fetchEntry({ call, customerId, callOptions }: EntryCall, eventId: string) {
  return call({
    ...{ customerId, safety: "repeatable", callOptions: { reservation: callOptions.reservation } },
    ...{ path: `/entry/${encodeURIComponent(eventId)}`, query: { show: ownMembers } },
    answer: oneEntry.transform(({ entry }): typeof entry | undefined => entry),
    refusals: { no_such_entry: () => undefined },
  });
}

export async function moveEvent(from: EntryCall, move: EventMove): Promise<boolean> {
  return (await sendChange(from, move, { when: toWhen(move) })) === "done";
}

export async function touchEvent(from: EntryCall, event: EventVersion): Promise<boolean> {
  const found = await fetchEntry(from, event.eventId);
  if (found === undefined || found.tag !== event.version) return false;
  // Labels are replaced as a whole.
  const labels = { ...found.labels, cita_touched: randomUUID() };
  return (await sendChange(from, event, { labels })) === "done";
}

function sendChange(
  { call, ...from }: EntryCall,
  { eventId, version }: EventVersion,
  body: object,
): Promise<"done" | "changed" | "guest_refused"> {
  const changed = () => "changed" as const;
  return call<"done" | "changed" | "guest_refused">({
    ...{ ...from, safety: "once", path: `/change-entry/${encodeURIComponent(eventId)}` },
    ...{ tag: version, query: { show: "id" }, body },
    answer: named.transform(() => "done" as const),
    refusals: { stale: changed, no_such_entry: changed, guest_refused: () => "guest_refused" },
  });
}

export function removeEvent(from: EntryCall, { eventId, version }: EventVersion): Promise<Removal> {
  return sendRemoval(from, eventId, version);
}

function sendRemoval({ call, ...from }: EntryCall, eventId: string, tag?: string): Promise<Removal> {
  return call<Removal>({
    ...{ ...from, safety: "repeatable", path: `/remove-entry/${encodeURIComponent(eventId)}`, body: {} },
    ...(tag !== undefined && { tag }),
    answer: done.transform(() => "removed" as const),
    refusals: { stale: () => "changed", no_such_entry: () => "absent" },
  });
}

/** Another account's calendar, connected meanwhile, may have an entry of somebody else by the same id. */
async function findWritten(from: EntryCall, { eventId, bookingId }: OwnEventKey): Promise<string | null> {
  if (eventId === null) return null;
  const entry = await fetchEntry(from, eventId);
  return entry?.labels[ownLabel] === bookingId ? eventId : null;
}

/** What was written once can't be written again. So where no id is known, the placeholder's insert shows it, or takes its place. */
export async function retireEvent(from: EntryCall, event: RetiredEvent): Promise<void> {
  const eventId = (await findWritten(from, event)) ?? (await sendInsert(from, toPlaceholder(event)));
  if ((await sendRemoval(from, eventId)) === "removed") return;
  const found = toOwnEvent(await fetchEntry(from, eventId), event.timeZone, event);
  if (found.kind !== "gone")
    throw new CalendarError("calendar_unavailable", "the entry is neither there nor removed");
}
