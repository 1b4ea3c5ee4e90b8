import { RRuleTemporal } from "rrule-temporal";
import type { EventTime } from "./event-time.ts";
import { startOfDay } from "./event-time.ts";
import { invalid } from "./google-error.ts";

/** When one instance of a recurring event starts, and the suffix Google gives its id. */
export type Occurrence = { startMs: number; suffix: string; date?: string };

/** The occurrences of a recurring event. */
export type Recurrence = {
  /** Every occurrence that starts in `[fromMs, toMs]`, in order. */
  between(fromMs: number, toMs: number): Occurrence[];
};

const LINE = /^(RRULE|EXRULE|RDATE|EXDATE)([;:])/;
const DAY_MS = 86_400_000;

/**
 * Compiles an event's `recurrence` lines (RFC 5545 RRULE, RDATE and EXDATE). Occurrences keep their wall
 * time in the start's zone across daylight saving changes. Throws Google's 400 for a rule it can't read.
 */
export function compileRecurrence(lines: string[], start: EventTime, calendarZone: string): Recurrence {
  const rules = lines.filter((line) => line.startsWith("RRULE"));
  if (
    rules.length !== 1 ||
    !lines.every((line) => LINE.test(line)) ||
    lines.some((l) => l.startsWith("EXRULE"))
  ) {
    throw invalid("Invalid recurrence rule.");
  }
  const rule = readRule([dtstart(start), ...lines].join("\n"));
  return start.allDay ? dayOccurrences(rule, calendarZone) : timedOccurrences(rule);
}

function dtstart(start: EventTime): string {
  if (start.allDay) return `DTSTART;VALUE=DATE:${(start.resource.date ?? "").replaceAll("-", "")}`;
  const local = Temporal.Instant.fromEpochMilliseconds(start.ms)
    .toZonedDateTimeISO(start.timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: "second" });
  return `DTSTART;TZID=${start.timeZone}:${compact(local)}`;
}

function readRule(text: string): RRuleTemporal {
  try {
    // Google, like RFC 5545, counts the event's own start as its first instance even off the rule's pattern.
    return new RRuleTemporal({ rruleString: text, includeDtstart: true, cache: false });
  } catch {
    throw invalid("Invalid recurrence rule.");
  }
}

function timedOccurrences(rule: RRuleTemporal): Recurrence {
  return {
    between: (fromMs, toMs) =>
      rule.between(new Date(fromMs), new Date(toMs), true).map(({ epochMilliseconds: startMs }) => ({
        startMs,
        suffix: `${compact(new Date(startMs).toISOString().slice(0, 19))}Z`,
      })),
  };
}

/** All-day rules run on floating dates (as UTC midnights), so a day's real start is looked up afterwards. */
function dayOccurrences(rule: RRuleTemporal, calendarZone: string): Recurrence {
  return {
    between: (fromMs, toMs) =>
      rule
        .between(new Date(fromMs - DAY_MS), new Date(toMs + DAY_MS), true)
        .map((zoned) => zoned.toPlainDate().toString())
        .map((date) => ({
          startMs: startOfDay(date, calendarZone) ?? Number.NaN,
          suffix: compact(date),
          date,
        }))
        .filter(({ startMs }) => startMs >= fromMs && startMs <= toMs),
  };
}

function compact(iso: string): string {
  return iso.replaceAll(/[-:]/g, "");
}
