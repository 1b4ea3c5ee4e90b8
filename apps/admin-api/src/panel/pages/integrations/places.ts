import type { Html } from "@cita/http";
import type { IntegrationsApiClient, IntegrationView } from "@cita/integrations-api";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { type Action, type Caller, mayDo } from "../../../access/caller.ts";
import type { Access } from "../../../access/guard-routes.ts";
import { callerOf, userOf } from "../../../access/identify-caller.ts";
import { CustomerNotFoundError, findExisting } from "../../../customers/customer-store.ts";
import type { Page } from "../../layout.ts";
import type { PageDeps } from "../../panel.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { type Viewer, viewerOf } from "../../viewer.ts";
import { integrationsWords } from "./words.ts";

/** Whose integrations a page is about: a customer's, or those of the person who looks at it. */
export type Place = {
  /** Of the list. */
  readonly path: string;
  /** Whether the viewer may connect, change and disconnect. */
  readonly mayChange: boolean;
  /** null: they are the person's own. */
  readonly customerId: string | null;
  readonly list: (query: {
    limit: number;
    cursor: string | undefined;
  }) => ReturnType<IntegrationsApiClient["ownOf"]>;
  /** Whether an integration is one of these. */
  readonly has: (one: Pick<IntegrationView, "userId" | "organizationId">) => boolean;
  /** Whether what is begun for it still has somebody to belong to. */
  readonly isStaying: () => Promise<boolean>;
  readonly page: (viewer: Viewer, body: Html) => Page;
};

/** The pages of one kind of place. */
export type PlaceKind<Of = Place> = {
  /** The route of the list. */
  readonly route: string;
  readonly read: Access;
  readonly change: Access;
  /** @throws CustomerNotFoundError */
  readonly find: (request: FastifyRequest) => Promise<Of>;
};

export type IntegrationsDeps = PageDeps & { readonly integrationsApi: IntegrationsApiClient };

export const ownPath = "/conexiones";

export function integrationsPathOf(customerId: string | null): string {
  return customerId === null ? ownPath : `${customerPath(customerId)}/conexiones`;
}

export function ofCustomers({ customers, integrationsApi }: IntegrationsDeps): PlaceKind {
  const access = (action: Action): Access => ({ action, customer: "params" });
  return {
    route: "/clientes/:customer_id/conexiones",
    read: access("read_customer"),
    change: access("change_customer"),
    async find(request) {
      const { customer_id: id } = request.params as { customer_id: string };
      const customer = await findExisting(customers, id);
      return {
        path: integrationsPathOf(id),
        mayChange: mayDo(callerOf(request), "change_customer", true),
        customerId: id,
        list: (query) => integrationsApi.ofOrganization(id, query),
        has: ({ organizationId }) => organizationId === id,
        isStaying: () => customers.isStaying(customer),
        page: (viewer, body) => customerPage(viewer, customer, { tab: "integrations", body }),
      };
    },
  };
}

export function ofOneself({ integrationsApi }: IntegrationsDeps): PlaceKind {
  return {
    route: ownPath,
    read: { action: "own_account" },
    change: { action: "own_integrations" },
    async find(request) {
      const caller = userOf(request);
      const { title, subtitle } = integrationsWords[viewerOf(request).language];
      return {
        path: ownPath,
        mayChange: mayDo(caller, "own_integrations", true),
        customerId: null,
        list: (query) => integrationsApi.ownOf(caller.userId, query),
        has: ({ organizationId, userId }) => organizationId === null && userId === caller.userId,
        isStaying: async () => true,
        page: (_viewer, body) => ({ title, subtitle, section: "integrations", body }),
      };
    },
  };
}

/** @throws CustomerNotFoundError for another's, as for one that isn't there */
export async function findInPlace(
  { integrationsApi }: Pick<IntegrationsDeps, "integrationsApi">,
  place: Place,
  id: string,
): Promise<IntegrationView> {
  const found = await integrationsApi.find(id);
  if (!place.has(found)) throw new CustomerNotFoundError();
  return found;
}

/** A parameter of a route. @throws CustomerNotFoundError: what isn't an id is of nothing */
export function readId(params: unknown, name: "integration_id" | "webhook_id" | "delivery_id"): string {
  const { data } = z.uuid().safeParse((params as Record<string, unknown>)[name]);
  if (data === undefined) throw new CustomerNotFoundError();
  return data;
}

/** Who connects, for the integration service: a business's owner has no user of their own. */
export function userIdOf(caller: Caller): string {
  if (caller.kind === "program") throw new TypeError("Pages are for people.");
  return caller.kind === "user" ? caller.userId : `owner:${caller.customerId}`;
}
