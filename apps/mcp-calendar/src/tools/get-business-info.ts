import type { Schedule } from "@cita/calendar-api";
import type { Tool } from "@cita/mcp-endpoint";
import {
  addDays,
  createClock,
  createTimeFormatter,
  dayMs,
  formatDate,
  formatWeekday,
  type Interval,
  type Language,
  type LocalDate,
  nextOpening,
  type OpeningWindow,
  type TimeFormatter,
  weekdays,
} from "@cita/scheduling";
import { z } from "zod";
import { readTimeZone } from "../bookings/availability.ts";
import { businessLanguage, serviceName, wordsOf } from "../language/language.ts";
import type { Words } from "../language/words.ts";
import { pauseOf, readOpeningHours } from "../schedules/slot-rules.ts";
import { defineTool, type ToolDeps } from "./define-tool.ts";

/** How many days ahead dates with other hours are listed. */
const exceptionDays = 31;

const output = z.object({
  timezone: z.string(),
  now: z.string(),
  today: z.string(),
  weekday: z.string(),
  open_now: z.boolean(),
  next_opening: z.object({ start: z.string(), end: z.string(), label: z.string() }).optional(),
  services: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      duration_minutes: z.number(),
      price_text: z.string().optional(),
    }),
  ),
  hours: z.array(z.string()),
  exceptions: z.array(z.string()),
});

export function createGetBusinessInfo(deps: ToolDeps): Tool {
  return defineTool({
    name: "get_business_info",
    title: "About the business",
    description:
      "The business's services with ids and prices, its opening hours and today's date there. Call it first. " +
      "Opening hours are not free times: those come from get_available_slots.",
    input: z.strictObject({}),
    output,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
    reachesAttendees: false,

    async handle(_args, { customerId }) {
      const schedule = await deps.findSchedule(customerId);
      const clock = createClock(await readTimeZone(deps, { customerId, schedule }));
      const now = deps.now();
      // The opening that is under way may have begun days ago.
      const span = { start: now - 10 * dayMs, end: now + 366 * dayMs };
      const hours = await readOpeningHours(schedule, deps.holidays, span);
      const language = businessLanguage(schedule, clock.timeZone);
      const format = createTimeFormatter(clock, language);
      const today = clock.dateAt(now);
      const { iso, weekday } = format(now);
      const opening = nextOpening(clock, hours, now, schedule.horizon_days);
      return {
        timezone: clock.timeZone,
        now: iso,
        today,
        weekday,
        open_now: opening !== undefined && opening.start <= now,
        ...(opening !== undefined && { next_opening: formatOpening(format, opening) }),
        ...describe(schedule, language),
        exceptions: [
          ...formatPause(pauseOf(schedule), now, format, language),
          ...formatExceptions(hours.overrides, today, language),
        ],
      };
    },
  });
}

type Description = Readonly<Pick<z.infer<typeof output>, "services" | "hours">>;

/** Descriptions by schedule and language: one default schedule object serves businesses of any language. */
const descriptions = new WeakMap<Schedule, Map<Language, Description>>();

function describe(schedule: Schedule, language: Language): Description {
  const ofSchedule = descriptions.get(schedule) ?? new Map<Language, Description>();
  descriptions.set(schedule, ofSchedule);
  const known = ofSchedule.get(language);
  if (known !== undefined) return known;
  const words = wordsOf(language);
  const description = {
    services: schedule.services.map((service) => ({
      id: service.id,
      name: serviceName(service, words),
      duration_minutes: service.duration_minutes,
      ...(service.price_text !== undefined && { price_text: service.price_text }),
    })),
    hours: weekdays.map(
      (name) =>
        `${capitalised(formatWeekday(name, language))}: ${formatHours(schedule.weekly_hours[name], words)}`,
    ),
  };
  ofSchedule.set(language, description);
  return description;
}

function formatOpening(format: TimeFormatter, { start, end }: Interval) {
  const { iso, label } = format(start);
  return { start: iso, end: format(end).iso, label };
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function formatHours(windows: readonly OpeningWindow[], { closed }: Words): string {
  return windows.length === 0 ? closed : windows.map(({ start, end }) => `${start}-${end}`).join(", ");
}

function formatPause(
  pausedUntil: number | null,
  now: number,
  format: TimeFormatter,
  language: Language,
): string[] {
  if (pausedUntil === null || pausedUntil <= now) return [];
  return [wordsOf(language).pausedUntil(format(pausedUntil).label)];
}

/** The days ahead on which other hours hold: `Monday 18 January 2027: closed`. */
function formatExceptions(
  overrides: ReadonlyMap<LocalDate, readonly OpeningWindow[]>,
  today: LocalDate,
  language: Language,
): string[] {
  const words = wordsOf(language);
  const until = addDays(today, exceptionDays);
  return [...overrides]
    .filter(([date]) => today <= date && date <= until)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, windows]) => `${formatDate(date, language)}: ${formatHours(windows, words)}`);
}
