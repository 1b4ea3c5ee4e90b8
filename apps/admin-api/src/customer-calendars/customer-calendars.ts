/**
 * What admins do with customers and their calendars: the operations (here and `personal-data.ts`), their routes
 * (`*routes.ts`), and the schemas with examples (`*schemas.ts`). The customers' own rows are in `../customers`; everything
 * about calendars is in the calendar service, behind packages/calendar-api.
 */

import {
  type BookingsPage,
  type BookingsQuery,
  type BookingView,
  type CalendarApiClient,
  CalendarApiError,
  type ConnectionSummary,
  type RescheduleRequest,
  type Schedule,
} from "@cita/calendar-api";
import type { z } from "zod";
import { type Customer, type CustomerStore, findExisting } from "../customers/customer-store.ts";
import type {
  connectRequest,
  connectResponse,
  customerDetails,
  customerSummary,
  disconnectedResponse,
  listResponse,
} from "./schemas.ts";

/**
 * Customers and their calendars. This service stores the customers' ids, names and addresses. Connections, schedules and
 * bookings are requested from the calendar service each time.
 */
export type CustomerCalendars = {
  connect(request: z.output<typeof connectRequest>): Promise<z.output<typeof connectResponse>>;
  list(cursor: string | undefined, limit: number): Promise<z.output<typeof listResponse>>;
  /** @throws CustomerNotFoundError */
  details(customerId: string): Promise<z.output<typeof customerDetails>>;
  /** @throws CustomerNotFoundError */
  disconnect(customerId: string): Promise<z.output<typeof disconnectedResponse>>;
  /** @throws CustomerNotFoundError */
  schedule(customerId: string): Promise<Schedule>;
  /** @throws CustomerNotFoundError, or CalendarApiError `invalid_schedule` with every problem. */
  replaceSchedule(customerId: string, body: unknown): Promise<Schedule>;
  /** @throws CustomerNotFoundError, or CalendarApiError `invalid_cursor`. */
  bookings(customerId: string, query: BookingsQuery): Promise<BookingsPage>;
  /** @throws CustomerNotFoundError, CalendarApiError */
  cancelBooking(booking: BookingKey): Promise<BookingView>;
  /** @throws CustomerNotFoundError, CalendarApiError */
  rescheduleBooking(booking: BookingKey, to: RescheduleRequest): Promise<BookingView>;
};

/** A booking as in a path. */
export type BookingKey = { readonly customer_id: string; readonly booking_id: string };

type Deps = { customers: CustomerStore; calendarApi: CalendarApiClient };

export function createCustomerCalendars({ customers, calendarApi }: Deps): CustomerCalendars {
  const existing = (customerId: string) => findExisting(customers, customerId);

  return {
    async connect({ renew, any_account, ...customer }) {
      await customers.save(customer);
      const link = await calendarApi.issueConsentLink({ ...customer, renew, any_account });
      return {
        ...customer,
        calendar_connected: link.status === "connected",
        authorization_url: link.authorization_url,
        shareable_link: link.shareable_link,
        link_expires_at: link.expires_at,
      };
    },

    async list(cursor, limit) {
      const page = await customers.list(decodeCursor(cursor), limit + 1);
      const shown = page.slice(0, limit);
      const connections = await calendarApi.connections(shown.map((customer) => customer.customer_id));
      const connectionOf = new Map(connections.map((connection) => [connection.customer_id, connection]));
      const last = shown.at(-1);
      return {
        customers: shown.map((customer) =>
          toCustomerSummary(customer, connectionOf.get(customer.customer_id)),
        ),
        next_cursor: page.length > limit && last !== undefined ? encodeCursor(last.customer_id) : null,
      };
    },

    async details(customerId) {
      const customer = await existing(customerId);
      const connection = await calendarApi.connection(customerId).catch(undefinedIfUnknown);
      return {
        ...toCustomerSummary(customer, connection),
        link: connection?.link ?? null,
        stranded_bookings: connection?.stranded_bookings ?? 0,
      };
    },

    async disconnect(customerId) {
      await existing(customerId);
      const result = await calendarApi.disconnect(customerId).catch(undefinedIfUnknown);
      return {
        customer_id: customerId,
        calendar_connected: false,
        disconnected: result?.disconnected ?? false,
        revoked_at_google: result?.revoked_at_provider ?? false,
        note: result?.note ?? null,
      };
    },

    async schedule(customerId) {
      await existing(customerId);
      return calendarApi.schedule(customerId);
    },

    async replaceSchedule(customerId, body) {
      await existing(customerId);
      return calendarApi.replaceSchedule(customerId, body);
    },

    async bookings(customerId, query) {
      await existing(customerId);
      return calendarApi.bookings(customerId, query);
    },

    async cancelBooking({ customer_id, booking_id }) {
      await existing(customer_id);
      return calendarApi.cancelBooking(customer_id, booking_id);
    },

    async rescheduleBooking({ customer_id, booking_id }, to) {
      await existing(customer_id);
      return calendarApi.rescheduleBooking(customer_id, booking_id, to);
    },
  };
}

/** The calendar service doesn't know a customer that was saved and whose link couldn't be made. */
function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof CalendarApiError && error.code === "unknown_customer") return undefined;
  throw error;
}

function toCustomerSummary(
  customer: Customer,
  connection: ConnectionSummary | undefined,
): z.output<typeof customerSummary> {
  return {
    customer_id: customer.customer_id,
    customer_email: customer.customer_email,
    customer_name: customer.customer_name,
    calendar_connected: connection?.status === "connected",
    status: connection?.status ?? "pending",
    calendar_email: connection?.calendar_email ?? null,
    connected_at: connection?.connected_at ?? null,
    reconnect_required_since: connection?.reconnect_required_since ?? null,
    reconnect_reason: connection?.reconnect_reason ?? null,
    reconnect_message: connection === undefined ? null : explainReconnecting(connection),
    reconnect_link: connection?.reconnect_link ?? null,
    calendar_state: connection?.calendar_state ?? null,
    created_at: customer.created_at,
  };
}

const noLiveLink = "There is no live link for that: POST /v1/customer-calendars/connect makes one.";

/** Adds how to get a link, where there is none: reading doesn't make one. */
function explainReconnecting(connection: ConnectionSummary): string | null {
  const { status, reconnect_message: message, reconnect_link: link } = connection;
  if (status !== "reconnect_required" || link !== null) return message;
  return message === null ? noLiveLink : `${message} ${noLiveLink}`;
}

function encodeCursor(customerId: string): string {
  return Buffer.from(customerId).toString("base64url");
}

function decodeCursor(cursor: string | undefined): string | undefined {
  return cursor && Buffer.from(cursor, "base64url").toString();
}
