import type { Html } from "@cita/http";
import type { WebhookSubject, WebhookView } from "@cita/integrations-api";
import type { FastifyRequest } from "fastify";
import { CustomerNotFoundError } from "../../../customers/customer-store.ts";
import type { Page } from "../../layout.ts";
import type { Viewer } from "../../viewer.ts";
import {
  findInPlace,
  type IntegrationsDeps,
  ofCustomers,
  ofOneself,
  type PlaceKind,
  readId,
} from "../integrations/places.ts";

/** What the webhooks of a page are about: a customer, or an integration of the person who looks at it. */
export type WebhookPlace = {
  /** Of the list. */
  readonly path: string;
  /** Of the page that leads here. */
  readonly backPath: string;
  readonly mayChange: boolean;
  readonly subject: WebhookSubject;
  readonly page: (viewer: Viewer, body: Html) => Page;
};

export type WebhookPlaceKind = PlaceKind<WebhookPlace>;

export type WebhooksDeps = IntegrationsDeps & { readonly kind: WebhookPlaceKind };

export function webhooksOfCustomers(deps: IntegrationsDeps): WebhookPlaceKind {
  const kind = ofCustomers(deps);
  return {
    ...kind,
    route: `${kind.route}/avisos`,
    async find(request) {
      const { path: backPath, mayChange, customerId, page } = await kind.find(request);
      if (customerId === null) throw new CustomerNotFoundError();
      const path = webhooksPathOf(backPath);
      return { path, backPath, mayChange, subject: { organizationId: customerId }, page };
    },
  };
}

/** People have webhooks for each integration of their own. */
export function webhooksOfOwnIntegrations(deps: IntegrationsDeps): WebhookPlaceKind {
  const kind = ofOneself(deps);
  return {
    ...kind,
    route: `${kind.route}/:integration_id/avisos`,
    async find(request) {
      const id = readId(request.params, "integration_id");
      const place = await kind.find(request);
      await findInPlace(deps, place, id);
      const { mayChange, page } = place;
      const backPath = `${place.path}/${id}`;
      return { path: webhooksPathOf(backPath), backPath, mayChange, subject: { integrationId: id }, page };
    },
  };
}

/** @param path of a customer's integrations, or of one of one's own. */
export function webhooksPathOf(path: string): string {
  return `${path}/avisos`;
}

/** What the service lists at once. A subject has fewer webhooks. */
const maxListed = 200;

/** @throws CustomerNotFoundError for another's, as for one that isn't there */
export async function findWebhook(
  { integrationsApi }: Pick<IntegrationsDeps, "integrationsApi">,
  { subject }: Pick<WebhookPlace, "subject">,
  id: string,
): Promise<WebhookView> {
  const { data } = await integrationsApi.webhooks.list(subject, { limit: maxListed });
  const found = data.find((one) => one.id === id);
  if (found === undefined) throw new CustomerNotFoundError();
  return found;
}

/** The webhook that a request is about. @throws CustomerNotFoundError */
export async function findAsked(deps: WebhooksDeps, request: FastifyRequest) {
  const id = readId(request.params, "webhook_id");
  const place = await deps.kind.find(request);
  const one = await findWebhook(deps, place, id);
  return { id, place, one, path: `${place.path}/${id}` };
}
