import type { AuthorizeRequest, AuthorizeResponse, CalendarApiClient } from "@cita/calendar-api";
import type { CustomerStateStore } from "../customer-states/customer-state-store.ts";
import type { Customer } from "../customers/customer-list.ts";
import type { CustomerStore, NewCustomer } from "../customers/customer-store.ts";

export type ConnectDeps = {
  readonly customers: Pick<CustomerStore, "save">;
  readonly customerStates: Pick<CustomerStateStore, "reconcile">;
  readonly calendarApi: CalendarApiClient;
};

export type ConnectOptions = Pick<AuthorizeRequest, "provider" | "renew" | "any_account">;

/**
 * Adds a customer, or corrects the one that is there, and has its consent link made. Safe to repeat.
 * @returns the customer as it is stored; the live link, and whether the calendar is connected already.
 */
export async function connectCustomer(
  { customers, customerStates, calendarApi }: ConnectDeps,
  requestId: string,
  customer: NewCustomer,
  options: ConnectOptions,
): Promise<{ saved: Customer; link: AuthorizeResponse }> {
  const { customer_id, customer_email, customer_name } = customer;
  const saved = await customers.save(customer);
  const api = calendarApi.forRequest(requestId).forCustomer(saved);
  const link = await api.issueConsentLink({ customer_id, customer_email, customer_name, ...options });
  // The calendar service may have known the customer before we did: no event tells of its connection then.
  if (link.status !== "pending") {
    const readSummary = async () => (await api.connections([customer_id]))[0];
    await customerStates.reconcile(customer_id, link.status, readSummary);
  }
  return { saved, link };
}
