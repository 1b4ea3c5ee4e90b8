import { type CalendarApiClient, scheduleBodyLimit, schedulePreview } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { changedResponse, conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import {
  conditional,
  previewBody,
  previewExample,
  scheduleBody,
  scheduleResponse,
} from "./schedule-schemas.ts";
import { ofCustomer } from "./schemas.ts";

export type ScheduleRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
};

const path = "/v1/customer-calendars/:customer_id/schedule";
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** Reading, trying and replacing a customer's schedule. */
export const scheduleRoutes: FastifyPluginAsyncZod<ScheduleRoutesOptions> = async (
  app,
  { customers, calendarApi },
) => {
  app.get(
    path,
    {
      config: { access: { action: "read_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "getSchedule",
        summary: "When a customer can be booked, and for what",
        description: "The header `ETag` names this version of it: send it with a change as `If-Match`.",
        params: ofCustomer,
        response: { 200: scheduleResponse, ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id } }, reply) => {
      await findExisting(customers, customer_id);
      const { schedule, eTag } = await calendarApi.forRequest(id).taggedSchedule(customer_id);
      return reply.header("etag", eTag).send(schedule);
    },
  );

  app.put(
    path,
    {
      bodyLimit: scheduleBodyLimit,
      config: { access: { action: "change_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "replaceSchedule",
        summary: "Set when a customer can be booked, and for what",
        description:
          "The schedule is replaced whole: what you leave out takes its default, so `{}` brings the default back. " +
          "If anything is wrong nothing is saved, and `problems` names it, up to the fiftieth problem. " +
          "A body has 256 kB at most: a thousand dates with hours of their own fit in. " +
          "With `If-Match`, a schedule that was changed since you read it is left as it is: 412 `schedule_changed`.",
        params: ofCustomer,
        headers: conditional,
        body: scheduleBody,
        response: { 200: scheduleResponse, ...errorResponsesOfOne, ...conflictResponse, ...changedResponse },
      },
    },
    async ({ id, params: { customer_id }, body, headers }, reply) => {
      const customer = await findExisting(customers, customer_id);
      const api = calendarApi.forRequest(id).forCustomer(customer);
      const { schedule, eTag } = await api.replaceSchedule(customer_id, body, headers["if-match"]);
      return reply.header("etag", eTag).send(schedule);
    },
  );

  app.post(
    `${path}/preview`,
    {
      bodyLimit: scheduleBodyLimit,
      config: { access: { action: "change_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "previewSchedule",
        summary: "What an agent would be offered under a schedule that isn't saved",
        description:
          "By the same rules as an agent's call and what is busy in the calendar now. Nothing is stored. Where the " +
          "calendar can't be read, `calendar_error` says so and the times are those of the schedule alone. " +
          "Problems of the schedule are named as when it is saved.",
        params: ofCustomer,
        body: previewBody,
        response: { 200: schedulePreview.meta({ examples: [previewExample] }), ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id }, body }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).previewSchedule(customer_id, body);
    },
  );
};
