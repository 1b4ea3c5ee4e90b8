import { randomBytes } from "node:crypto";
import { initiatedConsent, initiateRequest, successOf, userId } from "@cita/integrations-api";
import { type AccountClient, type AccountProvider, grantedCapabilities } from "@cita/providers/accounts";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Guard } from "../access/identify-caller.ts";
import { callerOf } from "../access/identify-caller.ts";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import { IntegrationError, notFound } from "../answers/integration-error.ts";
import type { IntegrationStore } from "../integrations/integration.ts";
import { ownerOf } from "../integrations/integration-rows.ts";
import type { OAuthStateStore } from "../integrations/oauth-state.ts";
import { providerIdOf } from "../management/platforms.ts";
import { toEnum } from "../management/views.ts";
import type { Registry } from "../registry/registry.ts";
import { inputsOf } from "./inputs.ts";

export type InitiateRoutesOptions = {
  readonly states: Pick<OAuthStateStore, "start">;
  readonly integrations: Pick<IntegrationStore, "find">;
  readonly registry: Registry;
  readonly guard: Guard;
  readonly allowedRedirectUris: readonly string[];
  /** Where this service is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  /** In epoch milliseconds. */
  readonly now: () => number;
};

const security = [{ adminKey: [] }, { accessToken: [] }];

/** Starts a consent: source 003's `/integrations/oauth/initiate`, and source 000's `/oauth/connect/:platform`. */
export const initiateRoutes: FastifyPluginAsyncZod<InitiateRoutesOptions> = async (app, options) => {
  const { registry, allowedRedirectUris } = options;

  app.post(
    "/integrations/oauth/initiate",
    {
      schema: {
        ...{
          tags: ["Consent"],
          operationId: "initiateOAuth",
          summary: "Start to connect an account",
          security,
        },
        body: initiateRequest,
        response: { 200: successOf(initiatedConsent), ...errorResponses },
      },
    },
    async (request) => {
      const { provider, organizationId = null, ...asked } = request.body;
      const consent = { ...asked, organizationId, provider: () => registry.find(provider) };
      return success(await startConsent(options, request, consent));
    },
  );

  app.post(
    "/oauth/connect/:platform",
    {
      schema: {
        ...{ tags: ["Consent"], operationId: "connectPlatform", security },
        summary: "The same, by the names of source 000",
        params: z.object({ platform: z.string().max(40).meta({ example: "meta-ads" }) }),
        body: z.strictObject({
          sessionId: userId,
          redirectUri: initiateRequest.shape.redirectUri.optional(),
        }),
        response: { 200: successOf(z.object({ authUrl: z.url(), state: z.string() })), ...errorResponses },
      },
    },
    async (request) => {
      const { sessionId, redirectUri = allowedRedirectUris[0] ?? "" } = request.body;
      const { platform } = request.params;
      const provider = () => registry.find(toEnum(providerIdOf(platform)));
      const owner = { userId: sessionId, organizationId: null };
      const { authorizationUrl, state } = await startConsent(options, request, {
        ...owner,
        provider,
        redirectUri,
      });
      return success({ authUrl: authorizationUrl, state });
    },
  );
};

type AskedConsent = Omit<z.output<typeof initiateRequest>, "provider" | "organizationId"> & {
  readonly organizationId: string | null;
  /** @throws IntegrationError INVALID_PROVIDER */
  readonly provider: () => AccountProvider;
};

/** @throws IntegrationError */
async function startConsent(
  { states, integrations, registry, guard, allowedRedirectUris, publicUrl, now }: InitiateRoutesOptions,
  request: FastifyRequest,
  asked: AskedConsent,
): Promise<z.input<typeof initiatedConsent>> {
  const { redirectUri, organizationId } = asked;
  const owner = { userId: asked.userId, organizationId };
  if (!(await guard.allows(request, "write", owner)) || !isOneself(request, asked.userId))
    throw new IntegrationError(
      "FORBIDDEN",
      "You may connect accounts for yourself and your customers alone, and none as a viewer.",
    );
  const provider = asked.provider();
  const client = registry.clientOf(provider);
  if (!allowedRedirectUris.includes(redirectUri))
    throw new IntegrationError("REDIRECT_URI_REFUSED", "redirectUri isn't one of ALLOWED_REDIRECT_URIS.");
  const earlier = await findEarlier(integrations, asked, provider);
  const given = asked.metadata ?? {};
  const state = randomBytes(32).toString("base64url");
  await states.start({
    ...{ ...owner, state, provider: provider.id, redirectUri, metadata: given },
    inputs: inputsOf(provider, { ...earlier?.inputs, ...given }),
    scopes: scopesOf(client, asked.capabilities ?? earlier?.capabilities),
    ...{ loginHint: asked.loginHint ?? earlier?.email ?? null, clientId: client.clientId },
    expiresAt: new Date(now() + provider.grant.stateLifetimeMs),
  });
  return { authorizationUrl: `${publicUrl}/integrations/oauth/start/${state}`, state };
}

/**
 * What a new consent to an integration begins with.
 * @returns undefined where none is named
 * @throws IntegrationError INTEGRATION_NOT_FOUND also where it is another owner's or provider's
 */
async function findEarlier(
  integrations: Pick<IntegrationStore, "find">,
  { integrationId, userId, organizationId }: AskedConsent,
  provider: AccountProvider,
) {
  if (integrationId === undefined) return undefined;
  const found = await integrations.find(integrationId);
  const isOfOwner = found !== undefined && ownerOf(found) === ownerOf({ userId, organizationId });
  if (!isOfOwner || found.provider !== provider.id) throw notFound();
  const { inputs, scopes, email } = found;
  // Of some it isn't known what was granted: they are asked for everything, as at first.
  return {
    inputs,
    email,
    capabilities: scopes.length === 0 ? undefined : grantedCapabilities(provider, scopes),
  };
}

/** A member connects in their own name, for customers too. */
function isOneself(request: FastifyRequest, asked: string): boolean {
  const caller = callerOf(request);
  return caller.kind === "program" || caller.role === "admin" || caller.userId === asked;
}

function scopesOf({ provider, scopesFor }: AccountClient, names?: readonly string[]): readonly string[] {
  const unknown = names?.find((name) => !provider.capabilities.some((one) => one.name === name));
  if (unknown === undefined) return scopesFor(names);
  const known = provider.capabilities.map(({ name }) => name).join(", ");
  throw new IntegrationError(
    "VALIDATION_ERROR",
    `${provider.name} has no such capability here. It has: ${known}.`,
  );
}
