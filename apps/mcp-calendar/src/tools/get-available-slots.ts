import type { Schedule } from "@cita/calendar-api";
import type { Tool } from "@cita/mcp-endpoint";
import {
  addDays,
  createTimeFormatter,
  findSlots,
  formatTime,
  type LocalDate,
  localMidnight,
  type TimeFormatter,
} from "@cita/scheduling";
import { z } from "zod";
import {
  type Appointment,
  type Dates,
  knownZoneOf,
  lookaheadDays,
  type Rules,
  readDayRules,
  readScheduleRules,
} from "../bookings/availability.ts";
import { languageOf } from "../language/language-of.ts";
import { type Words, wordsOf } from "../language/words.ts";
import { date, durationMinutes, service } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { chooseService } from "./service-choice.ts";
import type { ToolDeps } from "./tool-deps.ts";
import { wholeDays } from "./whole-days.ts";

/** A longer answer fills a model's memory without helping anybody choose. */
const mostSlots = 200;

const input = z.strictObject({
  date_iso: date.describe("First day, YYYY-MM-DD, in the business's own time zone."),
  days: z
    .int("must be a whole number of days")
    .min(1, "must be at least 1")
    .max(31, "must be at most 31")
    .optional()
    .describe("How many days to look at. Default 1."),
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
  more: z.string().optional(),
  reason: z.enum(["closed", "fully_booked", "too_soon", "too_far"]).optional(),
  next_available: time.optional(),
});

export function createGetAvailableSlots(deps: ToolDeps): Tool {
  return defineTool({
    name: "get_available_slots",
    title: "Find free appointment times",
    description:
      "Lists free appointment times on one or more days, in the business's own time zone. Offer only these, and " +
      "say the label as given. If there are none, reason says why and next_available is the next free time.",
    input,
    output,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },

    async handle(args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      const appointment = chooseService(schedule, args.service, args.duration_minutes);
      const days = args.days ?? 1;
      const dates = { from: args.date_iso, days };
      const subject = { customerId, schedule };
      const rules = await rulesFor(deps, subject, appointment, dates);
      const { starts, reason } = findSlots({ ...rules, ...dates });
      const { count, rest } = wholeDays(rules.clock, starts, mostSlots);
      const to = addDays(args.date_iso, days - 1);
      const language = languageOf(schedule, rules.clock.timeZone);
      const say = createPeriodTeller(createTimeFormatter(rules.clock, language), appointment.durationMs);
      const next = starts.length > 0 ? undefined : await findNext(deps, subject, appointment, rules, dates);
      return {
        timezone: rules.clock.timeZone,
        now: formatTime(rules.clock, rules.now).iso,
        service: appointment.service.id,
        duration_minutes: appointment.durationMs / 60_000,
        from: args.date_iso,
        to,
        slots: starts.slice(0, count).map(say),
        truncated: rest !== undefined,
        ...(rest !== undefined && { more: sayMore(rest, to, wordsOf(language)) }),
        ...(reason !== undefined && { reason }),
        ...(next !== undefined && { next_available: say(next) }),
      };
    },
  });
}

function sayMore(from: LocalDate, to: LocalDate, { moreSlots }: Words): string {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  return moreSlots(from, days);
}

type Subject = { readonly customerId: string; readonly schedule: Schedule };

/** The calendar is asked only where the schedule has any start on the dates: what is closed, past or too far costs no request. */
async function rulesFor(
  deps: ToolDeps,
  subject: Subject,
  appointment: Appointment,
  dates: Dates,
): Promise<Rules> {
  if ((await knownZoneOf(deps, subject.customerId, subject.schedule)) !== undefined) {
    const midnight = localMidnight(dates.from);
    const span = { start: midnight, end: midnight + dates.days * day };
    const bySchedule = await readScheduleRules(deps, { ...subject, span, fresh: false }, appointment);
    if (findSlots({ ...bySchedule, ...dates }).starts.length === 0) return bySchedule;
  }
  return readDayRules(deps, subject, appointment, dates);
}

/** The first free start from the dates on, or from today where they have passed. */
async function findNext(
  deps: ToolDeps,
  subject: Subject,
  appointment: Appointment,
  rules: Rules,
  { from, days }: Dates,
): Promise<number | undefined> {
  const ahead = { from: laterDate(from, rules.clock.dateAt(rules.now)), days: days + lookaheadDays };
  const bySchedule = findSlots({ ...rules, ...ahead, busy: [], bookings: [] });
  if (bySchedule.starts.length === 0) return undefined;
  const read = await readDayRules(deps, subject, appointment, ahead);
  return findSlots({ ...read, ...ahead }).starts[0];
}

const day = 86_400_000;

function createPeriodTeller(tell: TimeFormatter, durationMs: number) {
  return (start: number) => {
    const { iso, weekday, label } = tell(start);
    return { start: iso, end: tell(start + durationMs).iso, weekday, label };
  };
}

function laterDate(a: string, b: string): string {
  return a > b ? a : b;
}
