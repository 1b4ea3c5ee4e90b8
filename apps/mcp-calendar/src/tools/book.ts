import { createClock, readTime, sayTime } from "@cita/scheduling";
import { z } from "zod";
import { type BookAppointmentDeps, bookAppointment, SlotRefused } from "../bookings/book-appointment.ts";
import { BookingError, type BookingRequest } from "../bookings/booking.ts";
import type { Schedule } from "../schedules/default-schedule.ts";
import { durationMinutes, service, text } from "./arguments.ts";
import { defineTool } from "./define-tool.ts";
import { explainCalendarFailure } from "./explain-failure.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { chooseService } from "./service-choice.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";

const input = z.strictObject({
  start_iso: z
    .string("is required: the start of a free slot")
    .max(40, "must be a date and time")
    .describe("Start exactly as get_available_slots gave it, with its offset: 2027-01-18T09:00:00-05:00."),
  service,
  duration_minutes: durationMinutes,
  attendee_name: text(200).describe("Full name of the person the appointment is for."),
  attendee_phone: text(40).optional().describe("Phone number with country code."),
  attendee_email: text(254).optional().describe("E-mail address."),
  notes: text(2_000).optional().describe("What the business should know."),
  idempotency_key: text(200)
    .optional()
    .describe("Any text of yours that stays the same when you repeat this call, so that it books once."),
});

const output = z.object({
  booking_id: z.string(),
  status: z.literal("confirmed"),
  start: z.string(),
  end: z.string(),
  timezone: z.string(),
  weekday: z.string(),
  label: z.string(),
  service: z.string(),
  attendee_name: z.string(),
  event_id: z.string(),
});

export type BookDeps = BookAppointmentDeps & { scheduleOf: (customerId: string) => Promise<Schedule> };

export function createBook(deps: BookDeps): Tool {
  return defineTool({
    name: "book",
    title: "Book an appointment",
    description:
      "Books a free time for a person. Before calling it, repeat the weekday, date and time to the person and wait " +
      "for a yes. The appointment exists only if this answers with status confirmed. If the time is taken, the " +
      "error names the nearest free ones.",
    input,
    output,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },

    async handle(args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      const chosen = chooseService(schedule, args.service, args.duration_minutes);
      const start = await startOf(deps, customerId, args.start_iso);
      const request: BookingRequest = {
        customerId,
        start,
        end: start + chosen.durationMs,
        service: chosen.service.id,
        attendee: {
          name: args.attendee_name,
          phone: args.attendee_phone ?? null,
          email: args.attendee_email ?? null,
        },
        notes: args.notes ?? null,
        idempotencyKey: args.idempotency_key ?? null,
      };
      const booking = await bookAppointment(deps, schedule, request).catch((error: unknown) => {
        throw explainBookingFailure(error);
      });
      const clock = createClock(booking.timeZone);
      const { iso, weekday, label } = sayTime(clock, booking.start);
      return {
        booking_id: booking.id,
        status: "confirmed" as const,
        start: iso,
        end: sayTime(clock, booking.end).iso,
        timezone: booking.timeZone,
        weekday,
        label,
        service: booking.service,
        attendee_name: booking.attendee.name,
        event_id: booking.eventId,
      };
    },
  });
}

function explainBookingFailure(error: unknown): unknown {
  if (error instanceof SlotRefused || error instanceof BookingError) return explainRefusal(error);
  return explainCalendarFailure(error);
}

/**
 * The instant meant. Written without an offset it is the business's wall time, which needs one more
 * reading of the calendar, and is refused where that wall time doesn't exist or exists twice.
 */
async function startOf(deps: BookDeps, customerId: string, startIso: string): Promise<number> {
  const read = readTime(startIso);
  if (read === undefined) {
    throw invalidTime("I need a real date and time, such as 2027-01-18T09:00:00-05:00.");
  }
  if (read.kind === "instant") return read.instant;
  const now = deps.now();
  const { timeZone } = await deps.calendar
    .readBusy(customerId, { start: now, end: now + 60_000 })
    .catch((error: unknown) => {
      throw explainCalendarFailure(error);
    });
  const clock = createClock(timeZone);
  const [instant, second] = clock.instantsOf(read.local);
  if (instant === undefined) {
    const pushed = clock.opening(read.local);
    const readings = [pushed, read.local - clock.offsetAt(pushed)];
    throw invalidTime(
      "That time doesn't exist on that day: the clocks jump over it.",
      sayReadings(clock, readings),
    );
  }
  if (second !== undefined) {
    throw invalidTime(
      "That time exists twice on that day: the clocks go back.",
      sayReadings(clock, [instant, second]),
    );
  }
  return instant;
}

function sayReadings(clock: ReturnType<typeof createClock>, instants: number[]): string[] {
  return instants.sort((a, b) => a - b).map((instant) => sayTime(clock, instant).iso);
}

function invalidTime(message: string, readings?: string[]): ToolError {
  return new ToolError("invalid_time", {
    message,
    retryable: false,
    next_step: "Use a start exactly as get_available_slots gave it.",
    details: readings && { readings },
  });
}
