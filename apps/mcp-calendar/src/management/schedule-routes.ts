import { previewRequest, schedule, scheduleBodyLimit, schedulePreview } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import type { RemovedCustomers } from "../retention/removed-customers.ts";
import { toETag } from "../schedules/schedule-version.ts";
import type { Schedules } from "../schedules/schedules.ts";
import { addedAtOf, ofCustomer } from "./of-customer.ts";
import type { PreviewSchedule } from "./schedule-preview.ts";

const conditional = z.object({ "if-match": z.string().max(1_000).optional() });

export type ManagedSchedules = {
  schedules: Schedules;
  previewSchedule: PreviewSchedule;
  removedCustomers: Pick<RemovedCustomers, "refuse">;
};

export const scheduleRoutes: FastifyPluginAsyncZod<ManagedSchedules> = async (
  app,
  { schedules, previewSchedule, removedCustomers },
) => {
  app.get(
    "/customers/:customer_id/schedule",
    { schema: { params: ofCustomer, response: { 200: schedule } } },
    async ({ params }, reply) => {
      const found = await schedules.find(params.customer_id);
      return reply.header("etag", toETag(found)).send(found);
    },
  );

  // The body has no schema here: `schedules.replace` returns every problem, a schema only those of the shape.
  app.put(
    "/customers/:customer_id/schedule",
    {
      bodyLimit: scheduleBodyLimit,
      schema: { params: ofCustomer, headers: conditional, response: { 200: schedule } },
    },
    async (request, reply) => {
      const { customer_id } = request.params;
      const precondition = removedCustomers.refuse(customer_id, addedAtOf(request));
      const conditions = { ifMatch: request.headers["if-match"], precondition };
      const saved = await schedules.replace(customer_id, request.body, conditions);
      return reply.header("etag", toETag(saved)).send(saved);
    },
  );

  app.post(
    "/customers/:customer_id/schedule/preview",
    {
      bodyLimit: scheduleBodyLimit,
      schema: { params: ofCustomer, body: previewRequest, response: { 200: schedulePreview } },
    },
    ({ params, body }) => previewSchedule(params.customer_id, body),
  );
};
