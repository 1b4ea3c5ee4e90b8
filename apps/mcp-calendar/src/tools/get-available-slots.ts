import { findSlots, sayTime, type ZoneClock } from "@cita/scheduling";
import { z } from "zod";
import { lookaheadDays, rulesFor, spanAround } from "../bookings/availability.ts";
import type { Ledger } from "../bookings/ledger.ts";
import type { Calendar } from "../calendars/calendar.ts";
import type { Schedule } from "../schedules/default-schedule.ts";
import { date, durationMinutes, service } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { explainCalendarFailure } from "./explain-failure.ts";
import { chooseService } from "./service-choice.ts";
import type { Tool } from "./tool.ts";

/** A longer answer fills a model's memory without helping anybody choose. */
const mostSlots = 200;

const input = z.strictObject({
  date_iso: date.describe("First day to look at, YYYY-MM-DD, in the business's own time zone."),
  days: z
    .int("must be a whole number of days")
    .min(1, "must be at least 1")
    .max(31, "must be at most 31")
    .optional()
    .describe("How many days to look at, 1 to 31. Default 1."),
  service,
  duration_minutes: durationMinutes,
});

const time = z.object({ start: z.string(), end: z.string(), weekday: z.string(), label: z.string() });

const output = z.object({
  timezone: z.string(),
  now: z.string(),
  service: z.string(),
  duration_minutes: z.number(),
  from: z.string(),
  to: z.string(),
  slots: z.array(time),
  truncated: z.boolean(),
  reason: z.enum(["closed", "fully_booked", "too_soon", "too_far"]).optional(),
  next_available: time.optional(),
});

export type GetAvailableSlotsDeps = {
  calendar: Calendar;
  ledger: Ledger;
  scheduleOf: (customerId: string) => Promise<Schedule>;
  now: () => number;
};

export function createGetAvailableSlots(deps: GetAvailableSlotsDeps): Tool {
  return defineTool({
    name: "get_available_slots",
    title: "Find free appointment times",
    description:
      "Lists the free appointment times of this business on one or more days. Offer only times from this list, " +
      "and say the weekday and label as given. If the list is empty, reason says why and next_available is the " +
      "next free time. All times are in the business's own time zone.",
    input,
    output,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },

    async handle(args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      const chosen = chooseService(schedule, args.service, args.duration_minutes);
      const days = args.days ?? 1;
      const now = deps.now();

      const firstRead = laterDate(args.date_iso, utcDate(now));
      const span = spanAround(firstRead, days + lookaheadDays);
      const reading = await deps.calendar.readBusy(customerId, span).catch((error: unknown) => {
        throw explainCalendarFailure(error);
      });
      const ours = await deps.ledger.inForce(customerId, span);

      const rules = rulesFor(schedule, chosen.durationMs, reading, ours, now);
      const { clock } = rules;
      const { starts, reason } = findSlots({ ...rules, from: args.date_iso, days });
      const slots = starts.slice(0, mostSlots).map((start) => sayPeriod(clock, start, chosen.durationMs));
      const next = starts.length > 0 ? undefined : nextStart(rules, args.date_iso, days + lookaheadDays);
      return {
        timezone: clock.timeZone,
        now: sayTime(clock, now).iso,
        service: chosen.service.id,
        duration_minutes: chosen.durationMs / 60_000,
        from: args.date_iso,
        to: addDays(args.date_iso, days - 1),
        slots,
        truncated: starts.length > mostSlots,
        ...(reason !== undefined && { reason }),
        ...(next !== undefined && { next_available: sayPeriod(clock, next, chosen.durationMs) }),
      };
    },
  });
}

/** The first free start from a date, or from today where the date has passed, within the days that were read. */
function nextStart(rules: ReturnType<typeof rulesFor>, date: string, days: number): number | undefined {
  return findSlots({ ...rules, from: laterDate(date, rules.clock.dateAt(rules.now)), days }).starts[0];
}

function sayPeriod(clock: ZoneClock, start: number, durationMs: number) {
  const { iso, weekday, label } = sayTime(clock, start);
  return { start: iso, end: sayTime(clock, start + durationMs).iso, weekday, label };
}

function laterDate(a: string, b: string): string {
  return a > b ? a : b;
}

function utcDate(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

function addDays(date: string, days: number): string {
  return utcDate(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000);
}
