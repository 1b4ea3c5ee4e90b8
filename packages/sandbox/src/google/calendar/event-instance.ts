import type { calendar_v3 } from "@googleapis/calendar";
import { type CalendarOwner, type EventRecord, htmlLink } from "./event-record.ts";
import { renderInZone } from "./event-time.ts";
import type { Occurrence } from "./recurrence.ts";

type InstanceTimes = {
  start: calendar_v3.Schema$EventDateTime;
  end: calendar_v3.Schema$EventDateTime;
  endMs: number;
};

/** One instance of a recurring event, as it shows until somebody changes it alone. */
export function makeInstance(master: EventRecord, occurrence: Occurrence, owner: CalendarOwner): EventRecord {
  const { recurrence: _rule, ...shared } = master.resource;
  const { startMs, date } = occurrence;
  const id = `${master.id}_${occurrence.suffix}`;
  const { timeZone } = owner;
  const times = date === undefined ? timed(master, startMs, timeZone) : allDay(master, date, timeZone);
  return {
    id,
    startMs,
    endMs: times.endMs,
    updatedMs: master.updatedMs,
    resource: {
      ...shared,
      id,
      htmlLink: htmlLink(id, owner.calendarId),
      recurringEventId: master.id,
      originalStartTime: times.start,
      start: times.start,
      end: times.end,
    },
  };
}

function timed(master: EventRecord, startMs: number, timeZone: string): InstanceTimes {
  const endMs = startMs + (master.endMs - master.startMs);
  return {
    start: { ...master.resource.start, dateTime: renderInZone(startMs, timeZone) },
    end: { ...master.resource.end, dateTime: renderInZone(endMs, timeZone) },
    endMs,
  };
}

/** Counted in days, which aren't always 24 hours long. */
function allDay(master: EventRecord, date: string, timeZone: string): InstanceTimes {
  const { start, end } = master.resource;
  const length = Temporal.PlainDate.from(start?.date ?? date).until(end?.date ?? date);
  const lastDay = Temporal.PlainDate.from(date).add(length);
  return {
    start: { date },
    end: { date: lastDay.toString() },
    endMs: lastDay.toZonedDateTime(timeZone).epochMilliseconds,
  };
}
