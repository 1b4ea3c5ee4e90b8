import type { CalendarApiClient, CustomerRemoval } from "@cita/calendar-api";
import { CustomerNotFoundError, type CustomerStore } from "../customers/customer-store.ts";
import type { People } from "../people/people.ts";

type RemoveDeps = {
  readonly customers: Pick<CustomerStore, "remove">;
  readonly people: Pick<People, "forgetCustomer">;
  readonly calendarApi: Pick<CalendarApiClient, "removeCustomer">;
};

/** What was removed, our own row included. */
export type Removed = Omit<CustomerRemoval, "removed"> & {
  readonly removed: CustomerRemoval["removed"] & { readonly customers: number };
};

/**
 * Removes everything about a customer. Repeating it finishes a removal that failed.
 * @throws CalendarApiError `booking_in_progress`; CustomerNotFoundError where nothing is left
 */
export async function removeCustomer(
  { customers, people, calendarApi }: RemoveDeps,
  customerId: string,
): Promise<Removed> {
  const result = await calendarApi.removeCustomer(customerId);
  // Our own row is deleted last, so that a removal that fails can be repeated.
  const wasOurs = await customers.remove(customerId);
  if (wasOurs) await people.forgetCustomer(customerId);
  const nothing = Object.values(result.removed).every((count) => count === 0);
  if (!wasOurs && nothing) throw new CustomerNotFoundError();
  return { ...result, removed: { customers: wasOurs ? 1 : 0, ...result.removed } };
}
