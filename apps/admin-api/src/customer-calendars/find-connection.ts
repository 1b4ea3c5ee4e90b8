import { type CalendarApiClient, CalendarApiError, type ConnectionView } from "@cita/calendar-api";

/** @returns undefined for a customer that was added while the calendar service didn't answer. */
export async function findConnection(
  calendarApi: Pick<CalendarApiClient, "connection">,
  customerId: string,
): Promise<ConnectionView | undefined> {
  return calendarApi.connection(customerId).catch(undefinedIfUnknown);
}

/** The calendar service doesn't know a customer that was saved and whose link couldn't be made. */
export function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof CalendarApiError && error.code === "unknown_customer") return undefined;
  throw error;
}
