import { createClock, createTimeTeller, type Interval, type ZoneClock } from "@cita/scheduling";
import { z } from "zod";
import { timeZoneOf } from "../bookings/availability.ts";
import { readOccupancy } from "../bookings/occupancy.ts";
import { date, email, phone } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import type { Tool } from "./tool.ts";
import type { ToolDeps } from "./tool-deps.ts";

/** A longer answer fills a model's memory: there is a filter for each way of asking. */
const mostBookings = 50;
const day = 86_400_000;

const input = z.strictObject({
  attendee_phone: phone,
  attendee_email: email,
  from: date.optional().describe("First day, YYYY-MM-DD. Default: today."),
  to: date.optional().describe("Last day, YYYY-MM-DD. Default: no end."),
});

const output = z.object({
  timezone: z.string(),
  now: z.string(),
  bookings: z.array(
    z.object({
      booking_id: z.string(),
      start: z.string(),
      end: z.string(),
      weekday: z.string(),
      label: z.string(),
      service: z.string(),
      attendee_name: z.string(),
      attendee_phone: z.string().optional(),
      attendee_email: z.string().optional(),
    }),
  ),
  truncated: z.boolean(),
  more: z.string().optional(),
});

export function createListBookings(deps: ToolDeps): Tool {
  return defineTool({
    name: "list_bookings",
    title: "List appointments",
    description:
      "Lists appointments made here, soonest first. Show a person only their own: ask with their phone or e-mail.",
    input,
    output,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },

    async handle(args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      const clock = createClock(await timeZoneOf(deps, customerId, schedule));
      const now = deps.now();
      const filter = {
        ...rangeOf(clock, args, { start: now, end: now + (schedule.horizon_days + 1) * day }),
        phone: args.attendee_phone,
        email: args.attendee_email,
        most: mostBookings + 1,
      };
      const list = () => deps.ledger.list(customerId, filter);
      const known = await list();
      const ahead = known.filter(({ end }) => end > now);
      const [first] = ahead;
      if (first !== undefined) {
        // Reading lets the ledger follow what was moved or deleted in the calendar itself.
        const span = { start: first.start, end: Math.max(...ahead.map(({ end }) => end)) };
        await readOccupancy(deps, { customerId, schedule, span, fresh: false });
      }
      const bookings = first === undefined ? known : await list();

      const tell = createTimeTeller(clock);
      const shown = bookings.slice(0, mostBookings);
      const next = bookings[mostBookings];
      return {
        timezone: clock.timeZone,
        now: tell(now).iso,
        bookings: shown.map(({ id, start, end, service, attendee }) => ({
          booking_id: id,
          start: tell(start).iso,
          end: tell(end).iso,
          weekday: tell(start).weekday,
          label: tell(start).label,
          service,
          attendee_name: attendee.name,
          ...(attendee.phone !== null && { attendee_phone: attendee.phone }),
          ...(attendee.email !== null && { attendee_email: attendee.email }),
        })),
        truncated: next !== undefined,
        ...(next !== undefined && {
          more: `For the rest, call again with from ${clock.dateAt(next.start)}.`,
        }),
      };
    },
  });
}

function rangeOf(
  clock: ZoneClock,
  { from, to }: { from?: string; to?: string },
  otherwise: Interval,
): Interval {
  const midnight = (text: string) => Date.parse(`${text}T00:00:00Z`);
  const today = clock.opening(midnight(clock.dateAt(otherwise.start)));
  return {
    start: from === undefined ? today : clock.opening(midnight(from)),
    end: to === undefined ? otherwise.end : clock.opening(midnight(to) + day),
  };
}
