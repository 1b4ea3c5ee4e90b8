import { cutPage } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { ofCustomer } from "../customer-calendars/schemas.ts";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { authErrorResponses, conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { handOutLink, linkUrl, type SendLink } from "./mail/link-mails.ts";
import type { UserLinkKind } from "./one-time-links.ts";
import type { People } from "./people.ts";
import {
  changeUserRequest,
  invitedResponse,
  inviteRequest,
  linkView,
  makeLinkRequest,
  ofUser,
  personView,
  toUserView,
  usersQuery,
  usersResponse,
} from "./schemas.ts";
import type { User } from "./user.ts";
import { findExistingUser } from "./user-store.ts";

export type PeopleRoutesOptions = {
  readonly people: People;
  readonly customers: Pick<CustomerStore, "find">;
  readonly sendLink: SendLink;
  readonly publicUrl: string;
};

const described = { tags: ["People"], security: [{ adminKey: [] }, { accessToken: [] }] };
const forAdmins = { access: { action: "administer" } } as const;
const errors = { ...authErrorResponses, 404: errorResponsesOfOne[404], ...conflictResponse };

/** Inviting people, and what they may do. */
export const peopleRoutes: FastifyPluginAsyncZod<PeopleRoutesOptions> = async (app, options) => {
  await app.register(usersRoutes, options);
  await app.register(removalRoutes, options);
  await app.register(linkRoutes, options);
};

const usersRoutes: FastifyPluginAsyncZod<PeopleRoutesOptions> = async (app, options) => {
  const { people } = options;
  const toPerson = async (user: User) => ({
    ...toUserView(user),
    customer_ids: await people.memberships.customersOf(user.id),
  });

  app.get(
    "/v1/users",
    {
      config: forAdmins,
      schema: {
        ...described,
        operationId: "listUsers",
        summary: "Those who may sign in, by their addresses",
        querystring: usersQuery,
        response: { 200: usersResponse, ...errors },
      },
    },
    async ({ query: { cursor: after, limit, q } }) => {
      const found = await people.users.list({ after, limit: limit + 1, q });
      const { shown, next_cursor } = cutPage(found, limit, (last) =>
        Buffer.from(last.email).toString("base64url"),
      );
      return { users: shown.map(toUserView), next_cursor };
    },
  );

  app.post(
    "/v1/users",
    {
      config: forAdmins,
      schema: {
        ...described,
        operationId: "inviteUser",
        summary: "Invite somebody",
        description: "The invitation is sent by mail; where none can be sent, pass its link on yourself.",
        body: inviteRequest,
        response: { 201: invitedResponse, ...errors },
      },
    },
    async ({ body: { email, role, customer_ids, name = email.split("@")[0] ?? email } }, reply) => {
      const user = await people.users.add({ email, name, role, customerIds: customer_ids });
      const link = await makeLink(options, "invitation", user);
      return reply.code(201).send({ user: await toPerson(user), link });
    },
  );

  app.get(
    "/v1/users/:user_id",
    {
      config: forAdmins,
      schema: {
        ...described,
        operationId: "getUser",
        summary: "Somebody, and the customers they belong to",
        params: ofUser,
        response: { 200: personView, ...errors },
      },
    },
    async ({ params }) => toPerson(await findExistingUser(people.users, params.user_id)),
  );

  app.patch(
    "/v1/users/:user_id",
    {
      config: forAdmins,
      schema: {
        ...described,
        operationId: "changeUser",
        summary: "Change what somebody may do",
        description:
          "What is left out stays. Who isn't active can't sign in, and what they have open ends at once. " +
          "409 `last_admin`: nobody could administer any more.",
        params: ofUser,
        body: changeUserRequest,
        response: { 200: personView, ...errors },
      },
    },
    async ({ params: { user_id }, body: { role, is_active, customer_ids } }) => {
      const user = await people.users.change(user_id, { role, isActive: is_active });
      if (customer_ids !== undefined) await people.memberships.setCustomers(user_id, customer_ids);
      return toPerson(user);
    },
  );
};

const removalRoutes: FastifyPluginAsyncZod<PeopleRoutesOptions> = async (app, { people }) => {
  app.delete(
    "/v1/users/:user_id",
    {
      config: forAdmins,
      schema: {
        ...described,
        operationId: "removeUser",
        summary: "Remove somebody",
        description:
          "Their sessions end at once, and what they have connected as their own is disconnected and removed. What " +
          "they have connected for customers stays these'. 409 `last_admin`: nobody could administer any more.",
        params: ofUser,
        response: { 204: z.null(), ...errors },
      },
    },
    async ({ params: { user_id } }, reply) => {
      await people.users.remove(user_id);
      return reply.code(204).send(null);
    },
  );
};

const linkRoutes: FastifyPluginAsyncZod<PeopleRoutesOptions> = async (app, options) => {
  const { people, customers, publicUrl } = options;

  app.post(
    "/v1/users/:user_id/links",
    {
      config: forAdmins,
      schema: {
        ...described,
        operationId: "makeUserLink",
        summary: "Make a one-time link for somebody",
        description:
          "`invitation` (7 days) to join, `reset` (1 hour) to another password, `sign_in` (15 minutes). " +
          "It replaces the one before of its kind.",
        params: ofUser,
        body: makeLinkRequest,
        response: { 201: linkView, ...errors },
      },
    },
    async ({ params, body: { kind } }, reply) => {
      const user = await findExistingUser(people.users, params.user_id);
      return reply.code(201).send(await makeLink(options, kind, user));
    },
  );

  app.post(
    "/v1/customer-calendars/:customer_id/owner-link",
    {
      config: { access: { action: "administer", customer: "params" } },
      schema: {
        ...described,
        operationId: "makeOwnerLink",
        summary: "Make a one-time link by which a business's owner signs in",
        description: "For 7 days. Its owner sees this business alone. It replaces the one before.",
        params: ofCustomer,
        response: { 201: linkView, ...errors },
      },
    },
    async ({ params: { customer_id } }, reply) => {
      await findExisting(customers, customer_id);
      const link = await people.accounts.makeOwnerLink(customer_id);
      const url = linkUrl(publicUrl, "owner", link);
      return reply.code(201).send({ url, sent: false, expires_at: link.expiresAt });
    },
  );
};

async function makeLink(options: PeopleRoutesOptions, kind: UserLinkKind, user: User) {
  const { url, isSent, expiresAt } = await handOutLink(options, kind, user);
  return { url, sent: isSent, expires_at: expiresAt };
}
