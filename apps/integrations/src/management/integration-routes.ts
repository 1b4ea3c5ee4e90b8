import { cutPage } from "@cita/http";
import {
  disconnectedIntegration,
  integrationChanges,
  integrationId,
  integrationsQuery,
  integrationView,
  organizationId,
  pageOf,
  successOf,
  syncLogsQuery,
  syncLogView,
  userId,
  userIntegrationsQuery,
} from "@cita/integrations-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Wanted } from "../access/caller.ts";
import { callerOf, type Guard } from "../access/identify-caller.ts";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import { IntegrationError, notFound } from "../answers/integration-error.ts";
import type { Integration, IntegrationFilter, IntegrationStore } from "../integrations/integration.ts";
import type { SyncLog, SyncLogStore } from "../integrations/sync-log.ts";
import type { Disconnect } from "../maintenance/disconnect.ts";
import type { RenewNow } from "../maintenance/renew-now.ts";
import type { Registry } from "../registry/registry.ts";
import { idCursor, toIntegrationView, toSyncLogView } from "./views.ts";

export type IntegrationRoutesOptions = {
  readonly integrations: Pick<IntegrationStore, "find" | "list" | "update">;
  readonly syncLogs: Pick<SyncLogStore, "list">;
  readonly registry: Registry;
  readonly guard: Guard;
  readonly renewNow: RenewNow;
  readonly disconnect: Disconnect;
};

const security = [{ adminKey: [] }, { accessToken: [] }];
const tags = ["Integrations"];

/** What is connected: lists, one, its changes, its end, its renewal and its log. */
export const integrationRoutes: FastifyPluginAsyncZod<IntegrationRoutesOptions> = async (app, options) => {
  const { integrations, renewNow, disconnect } = options;
  await app.register(listRoutes, options);

  app.get(
    "/integrations/:id",
    {
      schema: {
        ...{ tags, security, operationId: "getIntegration", summary: "One integration" },
        params: integrationId,
        response: { 200: successOf(integrationView), ...errorResponses },
      },
    },
    async (request) => success(toIntegrationView(await findVisible(options, request, "read"))),
  );

  app.patch(
    "/integrations/:id",
    {
      schema: {
        ...{
          tags,
          security,
          operationId: "updateIntegration",
          summary: "Change its name, notes, or pause it",
        },
        description:
          "`isActive: false` keeps the access, and nothing is done with it until it is active again. What was " +
          "disconnected can't be made active: connect it again.",
        params: integrationId,
        body: integrationChanges,
        response: { 200: successOf(integrationView), ...errorResponses },
      },
    },
    async (request) => {
      const { id } = await findVisible(options, request, "write");
      const changed = await integrations.update(id, request.body);
      if (changed === undefined) throw notFound();
      return success(toIntegrationView(changed));
    },
  );

  app.delete(
    "/integrations/:id",
    {
      schema: {
        ...{
          tags,
          security,
          operationId: "deleteIntegration",
          summary: "Erase its tokens, and deactivate it",
        },
        description:
          "The access is revoked at the provider where that ends nothing else. Where it would end other " +
          "connections of the same account, it is revoked only with `revoke=all`. Its log stays readable.",
        params: integrationId,
        querystring: z.strictObject({ revoke: z.literal("all").optional() }),
        response: { 200: successOf(disconnectedIntegration), ...errorResponses },
      },
    },
    async (request) => {
      const found = await findVisible(options, request, "write");
      const ended = await disconnect(found, request.query.revoke === "all");
      if (ended === undefined) throw notFound();
      const { integration, revocation } = ended;
      const revokedAtProvider = revocation === "revoked";
      return success({ ...toIntegrationView(integration), revokedAtProvider, revocation });
    },
  );

  app.post(
    "/integrations/:id/refresh",
    {
      schema: {
        ...{ tags, security, operationId: "refreshIntegration", summary: "Renew its access token now" },
        description:
          "401 `TOKEN_EXPIRED`: only a new consent helps. 401 `REFRESH_FAILED`: it can't be renewed.",
        params: integrationId,
        response: { 200: successOf(integrationView), ...errorResponses },
      },
    },
    async (request) => {
      const { id } = await findVisible(options, request, "write");
      return success(toIntegrationView(await renewNow(id)));
    },
  );
};

const listRoutes: FastifyPluginAsyncZod<IntegrationRoutesOptions> = async (app, options) => {
  const { syncLogs } = options;

  app.get(
    "/integrations/user/:userId",
    {
      schema: {
        ...{ tags, security, operationId: "listUserIntegrations", summary: "What a person has connected" },
        params: z.object({ userId }),
        querystring: userIntegrationsQuery,
        response: { 200: pageOf(integrationView), ...errorResponses },
      },
    },
    async (request) => {
      const { params, query } = request;
      expectSelf(request, params.userId);
      const { own, ...filter } = query;
      const isOf = own === undefined ? { userId: params.userId } : { owner: { userId: params.userId } };
      const { shown, nextCursor } = await list(options, isOf, filter);
      const visible = await filterVisible(options, request, shown);
      return { ...success(visible.map(toIntegrationView)), nextCursor };
    },
  );

  app.get(
    "/integrations/organization/:organizationId",
    {
      schema: {
        ...{ tags, security, operationId: "listOrganizationIntegrations" },
        summary: "What belongs to a customer, whoever has connected it",
        params: z.object({ organizationId }),
        querystring: integrationsQuery,
        response: { 200: pageOf(integrationView), ...errorResponses },
      },
    },
    async (request) => {
      const owner = { organizationId: request.params.organizationId };
      await expectBelonging(options, request, owner.organizationId);
      const { shown, nextCursor } = await list(options, owner, request.query);
      return { ...success(shown.map(toIntegrationView)), nextCursor };
    },
  );

  app.get(
    "/integrations/:id/sync-logs",
    {
      schema: {
        ...{ tags, security, operationId: "listSyncLogs", summary: "What was done with it, newest first" },
        params: integrationId,
        querystring: syncLogsQuery,
        response: { 200: pageOf(syncLogView), ...errorResponses },
      },
    },
    async (request) => {
      const { id } = await findVisible(options, request, "read");
      const { logs, nextCursor } = await readLogs(syncLogs, id, request.query);
      return { ...success(logs.map(toSyncLogView)), nextCursor };
    },
  );
};

/** A page of an integration's log, newest first. @throws where no page has returned the cursor */
export async function readLogs(
  syncLogs: Pick<SyncLogStore, "list">,
  id: string,
  { limit, cursor }: z.output<typeof syncLogsQuery>,
): Promise<{ readonly logs: readonly SyncLog[]; readonly nextCursor: string | null }> {
  const before = cursor === undefined ? undefined : idCursor.read(cursor);
  const found = await syncLogs.list({ integrationId: id, before, limit: limit + 1 });
  const { shown, next_cursor } = cutPage(found, limit, (last) => idCursor.write(last.id));
  return { logs: shown, nextCursor: next_cursor };
}

/** A page of integrations, in order of ids. */
async function list(
  { integrations, registry }: IntegrationRoutesOptions,
  of: Pick<IntegrationFilter, "userId" | "organizationId" | "owner">,
  { provider, isActive, limit, cursor }: z.output<typeof integrationsQuery>,
) {
  const found = await integrations.list({
    ...of,
    provider: provider && registry.find(provider).id,
    isActive: isActive === undefined ? undefined : isActive === "true",
    after: cursor === undefined ? undefined : idCursor.read(cursor),
    limit: limit + 1,
  });
  const { shown, next_cursor: nextCursor } = cutPage(found, limit, ({ id }) => idCursor.write(id));
  return { shown, nextCursor };
}

/** Another's is answered as if there were none. */
export async function findVisible(
  { integrations, guard }: Pick<IntegrationRoutesOptions, "integrations" | "guard">,
  request: FastifyRequest,
  wanted: Wanted,
): Promise<Integration> {
  const { id } = request.params as z.output<typeof integrationId>;
  const found = await integrations.find(id);
  if (found === undefined || !(await guard.allows(request, "read", found))) throw notFound();
  if (wanted === "write" && !(await guard.allows(request, "write", found)))
    throw new IntegrationError("FORBIDDEN", "You may see this integration, and not change it.");
  return found;
}

/** People see their own; programs and admins everybody's. */
function expectSelf(request: FastifyRequest, asked: string): void {
  const caller = callerOf(request);
  if (caller.kind === "program" || caller.role === "admin" || caller.userId === asked) return;
  throw new IntegrationError("FORBIDDEN", "These are another person's integrations.");
}

/** Customers that there aren't are answered as others' are. */
async function expectBelonging(
  { guard }: IntegrationRoutesOptions,
  request: FastifyRequest,
  organizationId: string,
): Promise<void> {
  if (!(await guard.allows(request, "read", { userId: "", organizationId })))
    throw new IntegrationError("FORBIDDEN", "This isn't a customer of yours.");
}

/** Of what a person has connected for customers, they see those that they still belong to. Each customer is asked once. */
async function filterVisible(
  { guard }: IntegrationRoutesOptions,
  request: FastifyRequest,
  found: readonly Integration[],
): Promise<Integration[]> {
  const answers = new Map<string | null, Promise<boolean>>();
  for (const one of found)
    if (!answers.has(one.organizationId)) answers.set(one.organizationId, guard.allows(request, "read", one));
  const isVisible = await Promise.all(found.map(({ organizationId }) => answers.get(organizationId)));
  return found.filter((_one, i) => isVisible[i]);
}
