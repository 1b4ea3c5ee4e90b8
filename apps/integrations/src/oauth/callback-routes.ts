import type { StateCookies } from "@cita/consent";
import { type AccountClient, readPath, splitScopes, type Values } from "@cita/providers/accounts";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { success } from "../answers/envelope.ts";
import { IntegrationError } from "../answers/integration-error.ts";
import type { IntegrationStore } from "../integrations/integration.ts";
import type { OAuthState, OAuthStateStore } from "../integrations/oauth-state.ts";
import type { Registry } from "../registry/registry.ts";
import { awaitOtherRequest } from "./await-other-request.ts";
import { type Finished, finish } from "./finish.ts";
import { failed } from "./outcome.ts";
import type { Pages } from "./pages.ts";
import { returnToCaller } from "./return-to-caller.ts";

export type CallbackRoutesOptions = {
  readonly states: Pick<OAuthStateStore, "find" | "consume" | "end">;
  readonly integrations: Pick<IntegrationStore, "connect">;
  readonly registry: Registry;
  readonly cookies: StateCookies;
  readonly pages: Pages;
  readonly now: () => number;
};

type CallbackRequest = FastifyRequest<{
  Params: { provider: string };
  Querystring: Record<string, unknown>;
}>;

/**
 * Where providers send browsers back, and stores their keys. Nothing is stored unless state, browser, provider, client and
 * redirect URI are those of one start, and each start counts once.
 */
export const callbackRoutes: FastifyPluginAsync<CallbackRoutesOptions> = async (app, options) => {
  const path = "/integrations/oauth/callback/:provider";
  // The second is source 000's, for clients that are registered with it.
  for (const address of [path, "/oauth/callback/:provider"])
    app.get<{ Params: { provider: string }; Querystring: Record<string, unknown> }>(
      address,
      { exposeHeadRoute: false },
      (request, reply) => answerCallback(options, request, reply),
    );
  app.post<{ Params: { provider: string } }>(path, { bodyLimit: 8_192 }, async (request) => {
    await takeDelivery(options, request.params.provider, request.body, request);
    return success({ received: true });
  });
};

async function answerCallback(
  options: CallbackRoutesOptions,
  request: CallbackRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { states, registry, cookies, pages } = options;
  const client = registry.clients.get(request.params.provider);
  const query = toValues(request.query);
  const token = query.state ?? (client && deliveredState(client, query));
  if (client === undefined || token === undefined)
    return pages.sendResult(request, reply.code(400), "stateUnknown");
  const codeVerifier = cookies.codeVerifierOf(request, token);
  const state = await states.find(token);
  if (state === undefined) return pages.sendResult(request, reply.code(400), "stateUnknown");
  if (codeVerifier === undefined) return pages.sendResult(request, reply.code(400), "otherBrowser");
  cookies.clear(reply, token);
  const finished = await conclude(options, request, { client, state, token, query, codeVerifier });
  return returnToCaller(reply, { state, token, finished });
}

/** Parameters that come twice are none (RFC 6749, section 3.1), and an error that comes twice is one all the same. */
function toValues(query: Readonly<Record<string, unknown>>): Values {
  const single = Object.entries(query).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { ...Object.fromEntries(single), ...(Array.isArray(query.error) && { error: "invalid_request" }) };
}

function deliveredState({ provider: { grant } }: AccountClient, query: Values): string | undefined {
  return grant.kind === "key_delivery" ? query[grant.delivery.state] : undefined;
}

type Answer = {
  readonly client: AccountClient;
  readonly state: OAuthState;
  readonly token: string;
  readonly query: Values;
  readonly codeVerifier: string;
};

async function conclude(
  options: CallbackRoutesOptions,
  request: CallbackRequest,
  answer: Answer,
): Promise<Finished> {
  const { states, now } = options;
  const { client, state, token } = answer;
  const isOfProvider = state.provider === client.provider.id;
  // The server has delivered before the browser returns.
  if (client.provider.grant.kind === "key_delivery" && isOfProvider) return concludeDelivery(state);
  if (state.consumedAt !== null || state.expiresAt.getTime() <= now() || !(await states.consume(state.id))) {
    const connected = isOfProvider ? await awaitOtherRequest({ states, now }, token) : undefined;
    return connected ?? refuse("This consent was completed already, or has taken too long. Start again.");
  }
  const finished = await concludeConsumed(options, request, answer);
  if (finished.kind === "failed") await states.end(state.id);
  return finished;
}

async function concludeConsumed(
  { integrations }: CallbackRoutesOptions,
  { log }: CallbackRequest,
  { client, state, query, codeVerifier }: Answer,
): Promise<Finished> {
  const { provider, clientId } = client;
  if (state.provider !== provider.id)
    return refuse("The answer isn't from the provider that the browser was sent to. Nothing was connected.");
  // A code is for the client that asked for it, and ours was changed meanwhile.
  if (state.clientId !== clientId) return refuse("Our client was changed meanwhile. Start again.");
  if (query.error !== undefined)
    return refuse(
      query.error === "access_denied"
        ? "It wasn't allowed. Nothing was connected."
        : `${provider.name} has refused the request. Nothing was connected.`,
    );
  const { inputs, scopes } = state;
  const obtained = await client.exchange({ query, codeVerifier, inputs, scopes });
  return finish({ integrations }, client, state, { obtained, inputs, log });
}

function concludeDelivery({ integrationId }: OAuthState): Finished {
  if (integrationId !== null) return { kind: "connected", integrationId };
  return refuse("No keys have come from the store, or it didn't accept them. Nothing was connected.");
}

function refuse(message: string): Finished {
  return { kind: "failed", failure: failed(message) };
}

/** A store's server posts its keys: the state alone says for whom, and a request to the store proves them. */
async function takeDelivery(
  { states, integrations, registry, now }: CallbackRoutesOptions,
  providerId: string,
  body: unknown,
  { log }: FastifyRequest,
): Promise<void> {
  const client = registry.clients.get(providerId);
  const grant = client?.provider.grant;
  if (client === undefined || grant?.kind !== "key_delivery")
    throw new IntegrationError("INVALID_PROVIDER", "No keys are delivered here for this provider.");
  const token = readPath(body, grant.delivery.state);
  const keys = grant.delivery.keys.map((path) => readPath(body, path));
  const state = typeof token === "string" ? await states.find(token) : undefined;
  if (state?.provider !== providerId || state.consumedAt !== null || state.expiresAt.getTime() <= now())
    throw new IntegrationError("OAUTH_FAILED", "This delivery belongs to no consent that is under way.");
  if (!keys.every((key): key is string => typeof key === "string" && /^[\w-]{1,200}$/.test(key)))
    throw new IntegrationError("OAUTH_FAILED", "The delivery has no usable keys.");
  if (!(await states.consume(state.id)))
    throw new IntegrationError("OAUTH_FAILED", "This consent was completed already.");
  const { inputs } = state;
  const scope = readPath(body, grant.delivery.scope);
  const scopes = typeof scope === "string" ? splitScopes(scope) : state.scopes;
  const obtained = await client.acceptKey({ secret: keys.join(":"), inputs, scopes });
  const finished = await finish({ integrations }, client, state, { obtained, inputs, log });
  if (finished.kind === "failed") throw new IntegrationError(finished.failure.code, finished.failure.message);
}
