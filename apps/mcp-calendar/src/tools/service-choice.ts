import type { Schedule, ScheduleService } from "@cita/calendar-api";
import { ToolError } from "@cita/mcp-endpoint";
import type { Appointment } from "../bookings/availability.ts";
import type { Booking, Place } from "../bookings/booking.ts";
import { serviceName } from "../language/service-name.ts";
import { localized, wordsOf } from "../language/words.ts";

const minute = 60_000;

/** The service a caller named, or the first one. @throws ToolError `unknown_service`, naming those there are. */
export function chooseService(
  schedule: Schedule,
  name: string | undefined,
  durationMinutes: number | undefined,
): Appointment {
  const service = name === undefined ? schedule.services[0] : schedule.services.find(({ id }) => id === name);
  if (service === undefined) {
    throw new ToolError("unknown_service", {
      message: localized(({ unknownService }) => unknownService),
      retryable: false,
      next_step: "Ask which of these services the person wants, and use its id.",
      details: (language) => ({
        services: schedule.services.map((each) => ({
          id: each.id,
          name: serviceName(each, wordsOf(language)),
        })),
      }),
    });
  }
  return { service, durationMs: (durationMinutes ?? service.duration_minutes) * minute };
}

/** What was booked before, as the schedule has it now; a service that is no longer offered keeps what it had. */
export function appointmentOf(schedule: Schedule, booking: Booking): Appointment {
  const service: ScheduleService = schedule.services.find(({ id }) => id === booking.service) ?? {
    id: booking.service,
    name: booking.service,
    duration_minutes: (booking.end - booking.start) / minute,
    buffer_before_minutes: booking.bufferBeforeMs / minute,
    buffer_after_minutes: booking.bufferAfterMs / minute,
    capacity: 1,
  };
  return { service, durationMs: booking.end - booking.start };
}

/** The range of time an appointment takes when it begins at `start`. */
export function placeAt({ service, durationMs }: Appointment, start: number): Place {
  return {
    start,
    end: start + durationMs,
    service: service.id,
    bufferBeforeMs: service.buffer_before_minutes * minute,
    bufferAfterMs: service.buffer_after_minutes * minute,
    capacity: service.capacity,
  };
}
