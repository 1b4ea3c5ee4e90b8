import type { Schedule } from "@cita/calendar-api";
import type { BookingDeps } from "../bookings/book-appointment.ts";

/** What the tools are made of. */
export type ToolDeps = BookingDeps & { scheduleOf: (customerId: string) => Promise<Schedule> };
