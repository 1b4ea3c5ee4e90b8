/**
 * What admins do with customers and their calendars: routes with what they do (`*routes.ts`), and their schemas with
 * examples (`*schemas.ts`). The customers' own rows are in `../customers`; connections, schedules and bookings are
 * requested from the calendar service each time, by packages/calendar-api.
 */

import { type CalendarApiClient, type ConnectionSummary, customerId } from "@cita/calendar-api";
import { createPageCursor, cutPage } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { mayDo, scopeOf } from "../access/caller.ts";
import { callerOf } from "../access/identify-caller.ts";
import type { CustomerStateStore } from "../customer-states/customer-state-store.ts";
import type { Customer, CustomerList, ListedCustomer } from "../customers/customer-list.ts";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { conflictResponse, errorResponses, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { connectCustomer } from "./connect-customer.ts";
import { findConnection, undefinedIfUnknown } from "./find-connection.ts";
import {
  connectRequest,
  connectResponse,
  customerDetails,
  type customerSummary,
  disconnectedResponse,
  listQuery,
  listResponse,
  ofCustomer,
} from "./schemas.ts";

export type CustomerCalendarRoutesOptions = {
  customers: CustomerStore;
  customerList: Pick<CustomerList, "search">;
  customerStates: Pick<CustomerStateStore, "reconcile">;
  calendarApi: CalendarApiClient;
};

const prefix = "/v1/customer-calendars";
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** Connecting customers, reading their state, and disconnecting them. */
export const customerCalendarRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  options,
) => {
  await app.register(allCustomersRoutes, options);
  await app.register(oneCustomerRoutes, options);
};

const allCustomersRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  { customers, customerList, customerStates, calendarApi },
) => {
  app.post(
    `${prefix}/connect`,
    {
      config: { access: { action: "administer" } },
      schema: {
        ...described,
        operationId: "connect",
        summary: "Add a customer and get its consent link",
        description:
          "Safe to repeat: as long as the link hasn't been used, expired or been renewed, the same one comes back.",
        body: connectRequest,
        response: { 200: connectResponse, ...errorResponses, ...conflictResponse },
      },
    },
    async ({ id, body: { provider, renew, any_account, ...customer } }) => {
      const options = { provider, renew, any_account };
      const deps = { customers, customerStates, calendarApi };
      const { saved, link } = await connectCustomer(deps, id, customer, options);
      return {
        ...toFields(saved),
        calendar_connected: link.status === "connected",
        authorization_url: link.authorization_url,
        shareable_link: link.shareable_link,
        link_expires_at: link.expires_at,
      };
    },
  );

  app.get(
    prefix,
    {
      config: { access: { action: "list_customers" } },
      schema: {
        ...described,
        operationId: "listCustomers",
        summary: "List customers and the state of their calendars",
        description:
          "`status` and `calendar_state` narrow the list by what was known a moment ago; the states that are shown " +
          "are those of now. Keep the filters while you follow `next_cursor`.",
        querystring: listQuery,
        response: { 200: listResponse, ...errorResponses },
      },
    },
    async (request) => {
      const { cursor, limit, status, calendar_state: calendarState, q } = request.query;
      const scope = scopeOf(callerOf(request));
      const after = cursor === undefined ? undefined : pageCursor.read(cursor);
      const filter = { status, calendarState, q };
      const found = await customerList.search({ scope, after, limit: limit + 1, ...filter });
      const { shown, next_cursor } = cutPage(found, limit, (last) => pageCursor.write(last.customer_id));
      const ids = shown.map((customer) => customer.customer_id);
      const connections = await calendarApi.forRequest(request.id).connections(ids);
      const connectionOf = new Map(connections.map((connection) => [connection.customer_id, connection]));
      const show = mayHandOutLinks(request) ? toCustomerSummary : withoutLink;
      return {
        customers: shown.map((customer) => show(customer, connectionOf.get(customer.customer_id))),
        next_cursor,
      };
    },
  );
};

const oneCustomerRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  { customers, calendarApi },
) => {
  app.get(
    `${prefix}/:customer_id`,
    {
      config: { access: { action: "read_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "getCustomer",
        summary: "The state of one customer's calendar, its link and how the last attempt ended",
        params: ofCustomer,
        response: { 200: customerDetails, ...errorResponsesOfOne },
      },
    },
    async (request) => {
      const { id, params } = request;
      const { customer_id } = params;
      const customer = await findExisting(customers, customer_id);
      const connection = await findConnection(calendarApi.forRequest(id), customer_id);
      const link = connection?.link ?? null;
      const mayHandOut = mayHandOutLinks(request);
      return {
        ...(mayHandOut ? toCustomerSummary : withoutLink)(customer, connection),
        link: mayHandOut || link === null ? link : { ...link, authorization_url: null, shareable_link: null },
        stranded_bookings: connection?.stranded_bookings ?? 0,
      };
    },
  );

  app.delete(
    `${prefix}/:customer_id`,
    {
      config: { access: { action: "change_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "disconnect",
        summary: "Disconnect a calendar",
        description:
          "The access is revoked at its provider (`revoked_at_provider`; `note` says why not), then the " +
          "tokens are deleted and the live link is revoked.",
        params: ofCustomer,
        response: { 200: disconnectedResponse, ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id } }) => {
      await findExisting(customers, customer_id);
      const result = await calendarApi.forRequest(id).disconnect(customer_id).catch(undefinedIfUnknown);
      return {
        customer_id,
        calendar_connected: false,
        disconnected: result?.disconnected ?? false,
        revoked_at_provider: result?.revoked_at_provider ?? false,
        note: result?.note ?? null,
      };
    },
  );
};

function toFields({ customer_id, customer_email, customer_name, customer_phone }: Customer) {
  return { customer_id, customer_email, customer_name, customer_phone };
}

function toCustomerSummary(
  customer: ListedCustomer,
  connection: ConnectionSummary | undefined,
): z.output<typeof customerSummary> {
  return {
    ...toFields(customer),
    calendar_connected: connection?.status === "connected",
    status: connection?.status ?? "pending",
    status_since: findStatusSince(customer, connection),
    provider: connection?.provider ?? null,
    calendar_email: connection?.calendar_email ?? null,
    connected_at: connection?.connected_at ?? null,
    access_ends_at: connection?.access_ends_at ?? null,
    reconnect_required_since: connection?.reconnect_required_since ?? null,
    reconnect_reason: connection?.reconnect_reason ?? null,
    reconnect_message: connection === undefined ? null : explainReconnecting(connection),
    reconnect_link: connection?.reconnect_link ?? null,
    calendar_state: connection?.calendar_state ?? null,
    created_at: customer.created_at,
  };
}

/** Whoever has a link may consent with an account of their own, so that those who only read aren't shown any. */
function mayHandOutLinks(request: FastifyRequest): boolean {
  return mayDo(callerOf(request), "change_customer", true);
}

function withoutLink(
  customer: ListedCustomer,
  connection: ConnectionSummary | undefined,
): z.output<typeof customerSummary> {
  return { ...toCustomerSummary(customer, connection), reconnect_link: null };
}

/** The calendar service says it of a connection; of other customers only its events do, which may be behind. */
function findStatusSince(customer: ListedCustomer, connection: ConnectionSummary | undefined): string | null {
  const status = connection?.status ?? "pending";
  if (status === "connected") return connection?.connected_at ?? null;
  if (status === "reconnect_required") return connection?.reconnect_required_since ?? null;
  return customer.status === status ? customer.statusSince : null;
}

const noLiveLink = "There is no live link for that: POST /v1/customer-calendars/connect makes one.";

/** Adds how to get a link, where there is none: reading doesn't make one. */
function explainReconnecting(connection: ConnectionSummary): string | null {
  const { status, reconnect_message: message, reconnect_link: link } = connection;
  if (status !== "reconnect_required" || link !== null) return message;
  return message === null ? noLiveLink : `${message} ${noLiveLink}`;
}

/** The id of the last customer of a page. */
const pageCursor = createPageCursor<string>({
  write: (id) => id,
  read: (text) => customerId.safeParse(text).data,
});
