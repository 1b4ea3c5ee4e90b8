import type { Tool } from "@cita/mcp-endpoint";
import {
  addDays,
  createTimeFormatter,
  dayMs,
  findSlots,
  formatTime,
  type Language,
  type LocalDate,
  localMidnight,
  minuteMs,
  type TimeFormatter,
} from "@cita/scheduling";
import { z } from "zod";
import { type Availability, type AvailabilityQuestion, readAvailability } from "../bookings/availability.ts";
import { businessLanguage, wordsOf } from "../language/language.ts";
import type { Words } from "../language/words.ts";
import { type Dates, lookaheadDays } from "../schedules/slot-rules.ts";
import { cutToWholeDays, formatPeriod } from "./answers.ts";
import { chooseService, date, durationMinutes, service } from "./arguments.ts";
import { defineTool, type ToolDeps } from "./define-tool.ts";

/** A longer list fills a model's context without helping anybody choose. */
const maxSlots = 200;

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
  message: z.string().optional(),
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
    reachesAttendees: false,

    async handle(args, { customerId }) {
      const schedule = await deps.findSchedule(customerId);
      const choice = chooseService(schedule, args.service, args.duration_minutes);
      const question = { customerId, schedule, choice };
      const dates = { from: args.date_iso, days: args.days ?? 1 };
      const availability = await readAvailability(deps, question, { kind: "dates", dates });
      const { clock, now } = availability;
      const { starts, reason } = findSlots({ ...availability, ...dates });
      const next = starts.length > 0 ? undefined : await findNext(deps, question, availability, dates);
      const { count, rest } = cutToWholeDays(clock, starts, maxSlots);
      const to = addDays(dates.from, dates.days - 1);
      const language = businessLanguage(schedule, clock.timeZone);
      const format = createTimeFormatter(clock, language);
      const toSlot = (start: number) => formatPeriod(format, start, start + choice.durationMs);
      return {
        timezone: clock.timeZone,
        now: formatTime(clock, now).iso,
        service: choice.service.id,
        duration_minutes: choice.durationMs / minuteMs,
        from: dates.from,
        to,
        slots: starts.slice(0, count).map(toSlot),
        truncated: rest !== undefined,
        ...(rest !== undefined && { more: formatMore(rest, to, wordsOf(language)) }),
        ...(reason !== undefined && { reason }),
        ...(next !== undefined && { next_available: toSlot(next) }),
        ...(reason === "too_soon" && explainPause(availability, format, language)),
      };
    },
  });
}

function formatMore(from: LocalDate, to: LocalDate, { moreSlots }: Words): string {
  const days = (localMidnight(to) - localMidnight(from)) / dayMs + 1;
  return moreSlots(from, days);
}

/** Where the business pauses: from when on it takes appointments. */
function explainPause(
  { now, policy: { pausedUntil } }: Availability,
  format: TimeFormatter,
  language: Language,
): { message?: string } {
  if (pausedUntil === null || pausedUntil <= now) return {};
  return { message: wordsOf(language).pausedUntil(format(pausedUntil).label) };
}

/** The first free start from the dates on, or from today or the end of a pause where that is later. */
async function findNext(
  deps: ToolDeps,
  question: AvailabilityQuestion,
  { clock, now, policy }: Availability,
  { from, days }: Dates,
): Promise<number | undefined> {
  const earliest = Math.max(now, policy.pausedUntil ?? now);
  const dates = { from: laterDate(from, clock.dateAt(earliest)), days: days + lookaheadDays };
  const availability = await readAvailability(deps, question, { kind: "dates", dates });
  return findSlots({ ...availability, ...dates }).starts[0];
}

function laterDate(a: LocalDate, b: LocalDate): LocalDate {
  return a > b ? a : b;
}
