import type {
  AttendeeErasure,
  AttendeeExport,
  AttendeeExportQuery,
  AttendeeIdentifiers,
  CalendarApiClient,
} from "@cita/calendar-api";
import type { z } from "zod";
import { CustomerNotFoundError, type CustomerStore, findExisting } from "../customers/customer-store.ts";
import type { removedCustomer } from "./schemas.ts";

/** Export and erasure of one attendee's data, and removal of everything about a customer. */
export type PersonalData = {
  /** @throws CustomerNotFoundError, or CalendarApiError `invalid_phone`, `invalid_cursor`. */
  exportAttendee(
    customerId: string,
    attendee: AttendeeIdentifiers,
    query: AttendeeExportQuery,
  ): Promise<AttendeeExport>;
  /** @throws CustomerNotFoundError, or CalendarApiError `invalid_phone`, `bookings_ahead`. */
  eraseAttendee(customerId: string, attendee: AttendeeIdentifiers): Promise<AttendeeErasure>;
  /**
   * Removes everything about a customer. Our own row is deleted last, so that a removal that fails can be repeated.
   * @throws CustomerNotFoundError where there was nothing to remove, or CalendarApiError `booking_in_progress`.
   */
  remove(customerId: string): Promise<z.output<typeof removedCustomer>>;
};

type Deps = { customers: CustomerStore; calendarApi: CalendarApiClient };

export function createPersonalData({ customers, calendarApi }: Deps): PersonalData {
  return {
    async exportAttendee(customerId, attendee, query) {
      await findExisting(customers, customerId);
      return calendarApi.exportAttendee(customerId, attendee, query);
    },

    async eraseAttendee(customerId, attendee) {
      await findExisting(customers, customerId);
      return calendarApi.eraseAttendee(customerId, attendee);
    },

    async remove(customerId) {
      const { removed, revoked_at_provider, note } = await calendarApi.removeCustomer(customerId);
      const wasOurs = await customers.remove(customerId);
      if (!wasOurs && Object.values(removed).every((count) => count === 0)) throw new CustomerNotFoundError();
      return {
        customer_id: customerId,
        revoked_at_google: revoked_at_provider,
        note,
        removed: { customers: wasOurs ? 1 : 0, ...removed },
      };
    },
  };
}
