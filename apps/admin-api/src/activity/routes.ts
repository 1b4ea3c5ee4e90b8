import { activityQuery, type CalendarApiClient } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { refusals } from "../plugins/refusals.ts";
import { activityResponse } from "./schemas.ts";

export type ActivityRoutesOptions = { calendarApi: CalendarApiClient };

/** What has happened, to whomever. */
export const activityRoutes: FastifyPluginAsyncZod<ActivityRoutesOptions> = async (app, { calendarApi }) => {
  app.get(
    "/v1/activity",
    {
      schema: {
        tags: ["Activity"],
        security: [{ adminKey: [] }],
        operationId: "listActivity",
        summary: "What has happened to all customers, newest first",
        description: "Nothing in it is ever changed or removed, so pages neither skip nor repeat.",
        querystring: activityQuery,
        response: { 200: activityResponse, ...refusals },
      },
    },
    (request) => calendarApi.forRequest(request.id).activity(request.query),
  );
};
