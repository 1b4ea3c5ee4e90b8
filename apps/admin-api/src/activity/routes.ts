import { type ActivityPage, activityPage, activityQuery, type CalendarApiClient } from "@cita/calendar-api";
import type { EventLog } from "@cita/events";
import { peopleKinds } from "@cita/events/kinds";
import { cutPage } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { ofCustomer } from "../customer-calendars/schemas.ts";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { errorResponses, errorResponsesOfOne } from "../openapi/error-responses.ts";
import type { UserStore } from "../people/user-store.ts";
import { actorView, findActors, userIn } from "./actors.ts";

export type ActivityRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
  users: Pick<UserStore, "findByIds">;
  events: Pick<EventLog, "page">;
};

/** The activity of one customer or of all, which the calendar service stores, and that of people, which is stored here. */
export const activityRoutes: FastifyPluginAsyncZod<ActivityRoutesOptions> = async (app, options) => {
  const { customers, calendarApi, users } = options;
  await app.register(peopleActivityRoutes, options);

  async function nameActors({ activity, next_cursor }: ActivityPage) {
    const viewOf = await findActors(
      users,
      activity.map(({ actor }) => actor),
    );
    return { activity: activity.map((entry) => ({ ...entry, actor: viewOf(entry.actor) })), next_cursor };
  }

  app.get(
    "/v1/activity",
    {
      config: { access: { action: "administer" } },
      schema: {
        tags: ["Activity"],
        security: [{ adminKey: [] }],
        operationId: "listActivity",
        summary: "What has happened to all customers, newest first",
        description:
          "Entries are never changed, and removed with their customer only, so pages neither skip nor repeat.",
        querystring: activityQuery,
        response: { 200: activityResponse, ...errorResponses },
      },
    },
    async ({ id, query }) => nameActors(await calendarApi.forRequest(id).activity(query)),
  );

  app.get(
    "/v1/customer-calendars/:customer_id/activity",
    {
      config: { access: { action: "read_customer", customer: "params" } },
      schema: {
        tags: ["Customer calendars"],
        security: [{ adminKey: [] }],
        operationId: "listCustomerActivity",
        summary: "What has happened to a customer, newest first",
        description:
          "Links, consents, the connection, whether the calendar answers, bookings and changes of the schedule. " +
          "`provider` says where the connected account is or was. " +
          "`by` says who changed a booking: an `agent`, an `admin`, or a person in the `calendar` itself. " +
          "`actor` says who has asked admin-api for it.",
        params: ofCustomer,
        querystring: activityQuery,
        response: { 200: activityResponse, ...errorResponsesOfOne },
      },
    },
    async ({ id, params, query }) => {
      await findExisting(customers, params.customer_id);
      return nameActors(await calendarApi.forRequest(id).activity(query, params.customer_id));
    },
  );
};

const peopleActivityRoutes: FastifyPluginAsyncZod<Pick<ActivityRoutesOptions, "users" | "events">> = async (
  app,
  { users, events },
) => {
  app.get(
    "/v1/people-activity",
    {
      config: { access: { action: "administer" } },
      schema: {
        tags: ["Activity"],
        security: [{ adminKey: [] }],
        operationId: "listPeopleActivity",
        summary: "Who has joined, signed in, and changed what others may do, newest first",
        querystring: peopleQuery,
        response: { 200: peopleActivity, ...errorResponses },
      },
    },
    async ({ query: { limit, before } }) => {
      const found = await events.page({ before, kinds: peopleKinds, limit: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, ({ id }) => id);
      const viewOf = await findActors(
        users,
        shown.flatMap(({ actor, data }) => [actor, userIn(data)]),
      );
      return {
        activity: shown.map(({ id, at, kind, actor, data }) => ({
          ...{ id, at, kind, actor: viewOf(actor), user: viewOf(userIn(data)), detail: data },
        })),
        next_before: next_cursor,
      };
    },
  );
};

const peopleQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().min(1).optional().meta({ description: "next_before of the page before." }),
});

const peopleActivity = z.object({
  activity: z.array(
    z.object({
      id: z.number().int(),
      at: z.iso.datetime(),
      kind: z.string().meta({ enum: [...peopleKinds] }),
      actor: actorView,
      user: actorView.meta({ description: "Whom it is about." }),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  next_before: z.number().int().nullable().meta({ description: "null: this was the last page." }),
});

const activityResponseShape = activityPage.extend({
  activity: z.array(activityPage.shape.activity.element.extend({ actor: actorView })),
});

const example: z.input<typeof activityResponseShape> = {
  activity: [
    {
      id: 42,
      at: "2027-01-18T14:03:07.000Z",
      customer_id: "barberia-luna",
      kind: "booked",
      actor: null,
      detail: {
        booking_id: "5f0c2a9d4be14c0f8d3a7b61e2c94d08",
        service: "haircut",
        start: "2027-01-19T16:00:00-05:00",
        end: "2027-01-19T16:45:00-05:00",
      },
    },
    {
      id: 41,
      at: "2027-01-18T13:58:31.000Z",
      customer_id: "barberia-luna",
      kind: "connected",
      actor: null,
      detail: { link_id: 7, provider: "google", account_email: "luna@example.com" },
    },
  ],
  next_cursor: "NDE",
};

const activityResponse = activityResponseShape.meta({ examples: [example] });
