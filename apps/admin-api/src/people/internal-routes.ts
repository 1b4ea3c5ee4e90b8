import { customerId } from "@cita/calendar-api";
import { keyGuard, type Limiter } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { roles } from "../access/caller.ts";
import type { MembershipStore } from "./membership-store.ts";
import type { SessionCaller, SessionStore } from "./session-store.ts";
import type { StreamTickets } from "./stream-tickets.ts";
import type { UserStore } from "./user-store.ts";

export type InternalRoutesOptions = {
  readonly users: Pick<UserStore, "findByIds">;
  readonly memberships: Pick<MembershipStore, "among" | "belongsTo">;
  readonly sessions: Pick<SessionStore, "findById" | "findByToken">;
  readonly streamTickets: Pick<StreamTickets, "use">;
  readonly serviceKey: string;
  readonly failedKeys: Limiter;
};

const userId = z.string().min(1).max(200);
const query = z.object({ user_id: userId, customer_id: customerId });
const membershipsQuery = z.strictObject({
  user_ids: z.array(userId).max(500),
  customer_ids: z.array(customerId).max(500),
});
const memberships = z.object({
  memberships: z.array(z.object({ user_id: z.string(), customer_ids: z.array(z.string()) })),
});
const secret = z.string().min(1).max(200);
const proof = z.union([
  z.strictObject({ cookie: secret }),
  z.strictObject({ ticket: secret }),
  z.strictObject({ session_id: secret }),
]);
const viewer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("user"), user_id: z.string(), role: z.enum(roles), session_id: z.string() }),
  z.object({ kind: z.literal("owner"), customer_id: z.string(), session_id: z.string() }),
]);

/** For the other services: who is signed in, and which users belong to a customer, at this moment. */
export const internalRoutes: FastifyPluginAsyncZod<InternalRoutesOptions> = async (app, options) => {
  const { users, memberships: store, serviceKey, failedKeys } = options;
  await app.register(keyGuard, { key: serviceKey, failures: failedKeys });

  app.get(
    "/internal/memberships",
    { schema: { querystring: query, response: { 200: z.object({ belongs: z.boolean() }) } } },
    async (request) => {
      const { user_id: id, customer_id: customer } = request.query;
      const [user] = await users.findByIds([id]);
      return { belongs: user?.isActive === true && (await store.belongsTo(id, customer)) };
    },
  );

  app.post(
    "/internal/memberships/query",
    { schema: { body: membershipsQuery, response: { 200: memberships } } },
    async ({ body }) => {
      const found = await store.among(body.user_ids, body.customer_ids);
      return {
        memberships: [...found].map(([user_id, ids]) => ({ user_id, customer_ids: [...ids] })),
      };
    },
  );

  app.post(
    "/internal/viewers",
    { schema: { body: proof, response: { 200: z.object({ viewer: viewer.nullable() }) } } },
    async ({ body }) => {
      const found = await findCaller(options, body);
      return { viewer: found === undefined ? null : toViewer(found) };
    },
  );
};

async function findCaller(
  { sessions, streamTickets }: InternalRoutesOptions,
  given: z.output<typeof proof>,
): Promise<SessionCaller | undefined> {
  if ("cookie" in given) return sessions.findByToken(given.cookie);
  const sessionId = "ticket" in given ? await streamTickets.use(given.ticket) : given.session_id;
  return sessionId === undefined ? undefined : sessions.findById(sessionId);
}

function toViewer(caller: SessionCaller): z.input<typeof viewer> {
  const { sessionId: session_id } = caller;
  if (caller.kind === "owner") return { kind: "owner", customer_id: caller.customerId, session_id };
  return { kind: "user", user_id: caller.userId, role: caller.role, session_id };
}
