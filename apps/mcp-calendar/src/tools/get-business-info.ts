import { createClock, createTimeTeller, nextOpening, type OpeningWindow, weekdays } from "@cita/scheduling";
import { z } from "zod";
import { timeZoneOf } from "../bookings/availability.ts";
import { openingHoursOf } from "../schedules/opening-hours.ts";
import { defineTool } from "./define-tool.ts";
import type { Tool } from "./tool.ts";
import type { ToolDeps } from "./tool-deps.ts";

const day = 86_400_000;

/** How far ahead days with other hours are told. */
const exceptionDays = 31;

const output = z.object({
  timezone: z.string(),
  now: z.string(),
  today: z.object({ date: z.string(), weekday: z.string() }),
  open_now: z.boolean(),
  next_opening: z
    .object({ start: z.string(), end: z.string(), weekday: z.string(), label: z.string() })
    .optional(),
  services: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      duration_minutes: z.number(),
      price_text: z.string().optional(),
    }),
  ),
  hours: z.record(z.string(), z.string()),
  exceptions: z.array(z.object({ date: z.string(), weekday: z.string(), hours: z.string() })),
  minimum_notice_minutes: z.number(),
  horizon_days: z.number(),
});

export function createGetBusinessInfo(deps: ToolDeps): Tool {
  return defineTool({
    name: "get_business_info",
    title: "About the business",
    description:
      "The business's services with their ids and prices, its opening hours, its time zone and today's date there. " +
      "Call it first. Opening hours are not free times: those come from get_available_slots.",
    input: z.strictObject({}),
    output,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },

    async handle(_args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      const clock = createClock(await timeZoneOf(deps, customerId, schedule));
      const now = deps.now();
      const hours = await openingHoursOf(schedule, deps.holidays, { start: now, end: now + 366 * day });
      const tell = createTimeTeller(clock);
      const opening = nextOpening(clock, hours, now, schedule.horizon_days);
      const today = clock.dateAt(now);
      return {
        timezone: clock.timeZone,
        now: tell(now).iso,
        today: { date: today, weekday: tell(now).weekday },
        open_now: opening !== undefined && opening.start <= now,
        ...(opening !== undefined && {
          next_opening: { ...said(tell(opening.start)), end: tell(opening.end).iso },
        }),
        services: schedule.services.map(({ id, name, duration_minutes, price_text }) => ({
          id,
          name,
          duration_minutes,
          ...(price_text !== undefined && { price_text }),
        })),
        hours: Object.fromEntries(weekdays.map((weekday) => [weekday, sayHours(hours.weekly[weekday])])),
        exceptions: exceptions(hours.overrides, today),
        minimum_notice_minutes: schedule.minimum_notice_minutes,
        horizon_days: schedule.horizon_days,
      };
    },
  });
}

function said({ iso, weekday, label }: { iso: string; weekday: string; label: string }) {
  return { start: iso, weekday, label };
}

function sayHours(windows: readonly OpeningWindow[]): string {
  return windows.length === 0 ? "closed" : windows.map(({ start, end }) => `${start}-${end}`).join(", ");
}

function exceptions(overrides: ReadonlyMap<string, readonly OpeningWindow[]>, today: string) {
  const utc = createTimeTeller(createClock("UTC"));
  const until = new Date(Date.parse(today) + exceptionDays * day).toISOString().slice(0, 10);
  return [...overrides]
    .filter(([date]) => today <= date && date <= until)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, windows]) => ({ date, weekday: utc(Date.parse(date)).weekday, hours: sayHours(windows) }));
}
