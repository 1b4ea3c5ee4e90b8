import { customerId } from "@cita/calendar-api";
import { keyGuard, type Limiter } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import type { MembershipStore } from "./membership-store.ts";
import type { UserStore } from "./user-store.ts";

export type MembershipRoutesOptions = {
  readonly users: Pick<UserStore, "findByIds">;
  readonly memberships: Pick<MembershipStore, "belongsTo">;
  readonly serviceKey: string;
  readonly failedKeys: Limiter;
};

const query = z.object({ user_id: z.string().min(1).max(200), customer_id: customerId });

/** For the other services: whether a user belongs to a customer at this moment. */
export const membershipRoutes: FastifyPluginAsyncZod<MembershipRoutesOptions> = async (app, options) => {
  const { users, memberships, serviceKey, failedKeys } = options;
  await app.register(keyGuard, { key: serviceKey, failures: failedKeys });
  app.get(
    "/internal/memberships",
    { schema: { querystring: query, response: { 200: z.object({ belongs: z.boolean() }) } } },
    async (request) => {
      const { user_id: userId, customer_id: id } = request.query;
      const [user] = await users.findByIds([userId]);
      return { belongs: user?.isActive === true && (await memberships.belongsTo(userId, id)) };
    },
  );
};
