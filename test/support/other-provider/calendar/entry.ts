import { createClock, type Interval, localMidnight } from "@cita/scheduling";
import { z } from "zod";
import type {
  BusyTime,
  NewEvent,
  OwnEvent,
  RetiredEvent,
} from "../../../../apps/mcp-calendar/src/calendars/calendar.ts";

/** A time as Agenda spells it, on the clock of UTC. */
const wall = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/)
  .transform((text) => Date.parse(`${text.replace(" ", "T")}Z`))
  .refine((instant) => !Number.isNaN(instant));

const shownEntry = z.object({
  id: z.string().min(1),
  series: z.string().nullable(),
  when: z.object({ from: wall, to: wall, clock: z.literal("UTC") }),
  wholeDay: z.boolean(),
  shows: z.string(),
  state: z.string(),
  answer: z.string(),
  labels: z.record(z.string(), z.string()),
});
type ShownEntry = z.output<typeof shownEntry>;

/** Titles, notes and guests of the business's own entries are never fetched. */
export const shownMembers = "id,series,when,wholeDay,shows,state,answer,labels";

export const page = z.object({
  ok: z.literal(true),
  entries: z.array(shownEntry),
  more: z.string().nullable(),
});

/** On every entry of ours, and on no other: an entry without it is never touched. */
export const ownLabel = "cita_booking_id";

/** The times that entries take up. */
export function toBusyTimes(entries: readonly ShownEntry[], timeZone: string): BusyTime[] {
  return entries.flatMap((entry) => {
    const { id, series, shows, state, answer, labels } = entry;
    if (state !== "planned" || shows === "free" || answer === "declined") return [];
    const bookingId = labels[ownLabel];
    const own =
      bookingId === undefined ? null : { bookingId, eventId: series ?? id, isOccurrence: series !== null };
    return [{ ...toInterval(entry, timeZone), own, tentative: shows === "maybe" || answer === "maybe" }];
  });
}

/** A whole day is answered as midnights of UTC; its dates are the calendar's own. */
function toInterval({ when, wholeDay }: Pick<ShownEntry, "when" | "wholeDay">, timeZone: string): Interval {
  if (!wholeDay) return { start: when.from, end: when.to };
  const clock = createClock(timeZone);
  const midnight = (instant: number) => localMidnight(new Date(instant).toISOString().slice(0, 10));
  return { start: clock.opening(midnight(when.from)), end: clock.closing(midnight(when.to)) };
}

const entryOfOurs = shownEntry.omit({ series: true, shows: true, answer: true }).extend({
  tag: z.string().min(1),
  repeats: z.unknown(),
});
export const ownMembers = "id,tag,when,wholeDay,state,labels,repeats";

export const oneEntry = z.object({ ok: z.literal(true), entry: entryOfOurs });
export const foundEntries = z.object({ ok: z.literal(true), entries: z.array(entryOfOurs) });

/** An entry that was marked as free or declined by hand is still an appointment. A removed one is still answered. */
export function toOwnEvent(
  entry: z.output<typeof entryOfOurs> | undefined,
  timeZone: string,
  { bookingId }: { bookingId: string },
): OwnEvent {
  if (entry?.labels[ownLabel] !== bookingId) return { kind: "unknown" };
  if (entry.state !== "planned") return { kind: "gone" };
  return {
    ...{ kind: "found", ...toInterval(entry, timeZone) },
    ...{ eventId: entry.id, version: entry.tag, meetLink: null },
    recurring: entry.repeats !== null,
  };
}

const guests = z.array(z.object({ mail: z.string(), name: z.string() }));
export const invitableEntry = z.object({ ok: z.literal(true), entry: entryOfOurs.extend({ guests }) });
export const invitableMembers = `${ownMembers},guests`;

export function toWhen({ start, end }: Interval) {
  const spell = (instant: number) => new Date(instant).toISOString().slice(0, 19).replace("T", " ");
  return { from: spell(start), to: spell(end), clock: "UTC" };
}

export function toNewEntry(event: NewEvent) {
  const { bookingId, title, description: note } = event;
  return { once: bookingId, title, note, when: toWhen(event), labels: { [ownLabel]: bookingId } };
}

/** An entry that takes up no time, to be removed at once: what it was written for can't be written any more. */
export function toPlaceholder({ bookingId, ...event }: RetiredEvent) {
  return { once: bookingId, when: toWhen(event), shows: "free", labels: { [ownLabel]: bookingId } };
}
