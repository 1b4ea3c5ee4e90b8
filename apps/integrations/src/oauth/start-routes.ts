import { createState, type StateCookies } from "@cita/consent";
import type { AccountClient, AccountProvider, Values } from "@cita/providers/accounts";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { IntegrationStore } from "../integrations/integration.ts";
import type { OAuthState, OAuthStateStore } from "../integrations/oauth-state.ts";
import type { Registry } from "../registry/registry.ts";
import { awaitOtherRequest } from "./await-other-request.ts";
import { finish } from "./finish.ts";
import { missingInputs, parseInput } from "./inputs.ts";
import type { Pages } from "./pages.ts";
import { returnToCaller } from "./return-to-caller.ts";

export type StartRoutesOptions = {
  readonly states: OAuthStateStore;
  readonly integrations: Pick<IntegrationStore, "connect">;
  readonly registry: Registry;
  readonly cookies: StateCookies;
  readonly pages: Pages;
  /** Who asks. */
  readonly operator: string;
  /** Where this service is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  readonly now: () => number;
};

type StartRequest = FastifyRequest<{ Params: { state: string }; Body: unknown }>;

/**
 * The page behind `authorizationUrl`: it asks what the provider needs to be known before, such as the shop, and takes the
 * browser to the provider with the cookie that its answer has to come back with. `GET` changes nothing.
 */
export const startRoutes: FastifyPluginAsync<StartRoutesOptions> = async (app, options) => {
  const path = "/integrations/oauth/start/:state";

  app.get<{ Params: { state: string } }>(path, async (request, reply) => {
    const begun = await findBegun(options, request, reply);
    if (begun === undefined) return reply;
    const { state, client } = begun;
    const inputs = missingInputs(client.provider, state.inputs);
    if (inputs.length === 0) return goOn(options, request, reply, begun);
    const { provider } = client;
    return options.pages.sendForm(request, reply, { provider, inputs, values: {}, invalid: [] });
  });

  app.post<{ Params: { state: string }; Body: unknown }>(path, async (request, reply) => {
    const begun = await findBegun(options, request, reply);
    if (begun === undefined) return reply;
    const { provider } = begun.client;
    const asked = missingInputs(provider, begun.state.inputs);
    const typed = toFields(request.body);
    const parsed = asked.map((input) => [input.name, parseInput(input, typed[input.name])] as const);
    const invalid = parsed.flatMap(([name, value]) => (value === undefined ? [name] : []));
    if (invalid.length > 0)
      return options.pages.sendForm(request, reply.code(400), {
        provider,
        inputs: asked,
        values: typed,
        invalid,
      });
    const values: Values = Object.fromEntries(parsed.map(([name, value]) => [name, value ?? ""]));
    return takeInputs(options, request, reply, begun, values);
  });
};

type Begun = { readonly state: OAuthState; readonly client: AccountClient; readonly token: string };

/** A start that can go on. Otherwise it is answered with a page. */
async function findBegun(
  { states, registry, pages, now }: StartRoutesOptions,
  request: FastifyRequest<{ Params: { state: string } }>,
  reply: FastifyReply,
): Promise<Begun | undefined> {
  const { state: token } = request.params;
  const state = await states.find(token);
  const client = state && registry.clients.get(state.provider);
  if (state === undefined || client === undefined) {
    pages.sendResult(request, reply.code(404), "stateUnknown");
    return undefined;
  }
  if (state.consumedAt !== null || state.expiresAt.getTime() <= now()) {
    pages.sendResult(request, reply.code(410), "stateOver");
    return undefined;
  }
  return { state, client, token };
}

/** A form's fields. Of one that comes twice, the last. In JSON, which is taken too, there may be anything: it is none. */
function toFields(body: unknown): Readonly<Record<string, string>> {
  if (typeof body !== "object" || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const last: unknown = Array.isArray(value) ? value.at(-1) : value;
      return typeof last === "string" ? [[name, last]] : [];
    }),
  );
}

/** A key is tried and connected at once; anything else is kept for the way to the provider. */
async function takeInputs(
  options: StartRoutesOptions,
  request: StartRequest,
  reply: FastifyReply,
  begun: Begun,
  values: Values,
): Promise<FastifyReply> {
  const { grant } = begun.client.provider;
  if (grant.kind === "api_key" || grant.kind === "hook_url")
    return connectKey(options, request, reply, begun, { secret: values[grant.input] ?? "", values });
  const kept = await options.states.addInputs(begun.state.id, values);
  if (kept === undefined) return options.pages.sendResult(request, reply.code(410), "stateOver");
  return goOn(options, request, reply, { ...begun, state: kept });
}

/** A key that isn't taken is asked for again: the start is spent only by one that is. */
async function connectKey(
  { integrations, states, pages, now }: StartRoutesOptions,
  request: StartRequest,
  reply: FastifyReply,
  { state, client, token }: Begun,
  { secret, values }: { secret: string; values: Values },
): Promise<FastifyReply> {
  const { provider } = client;
  const inputs = { ...state.inputs, ...withoutSecrets(provider, values) };
  const obtained = await client.acceptKey({ secret, inputs, scopes: state.scopes });
  const finished = await finish({ integrations }, client, state, { obtained, inputs, log: request.log });
  if (obtained.kind === "obtained") {
    const other = finished.kind === "failed" ? await awaitOtherRequest({ states, now }, token) : undefined;
    return returnToCaller(reply, { state, token, finished: other ?? finished });
  }
  const isRefused = finished.kind === "failed" && finished.failure.code === "OAUTH_FAILED";
  return pages.sendForm(request, reply.code(isRefused ? 400 : 502), {
    ...{ provider, inputs: missingInputs(provider, state.inputs), values, invalid: [] },
    problem: isRefused ? "keyRefused" : "providerAway",
  });
}

function withoutSecrets({ inputs }: AccountProvider, values: Values): Values {
  return Object.fromEntries(
    inputs.flatMap(({ name, isSecret }) => (isSecret ? [] : [[name, values[name] ?? ""]])),
  );
}

/** To the provider, with a cookie for this browser. */
function goOn(
  { cookies, operator, publicUrl }: StartRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  { state, client, token }: Begun,
): FastifyReply {
  const { codeVerifier, codeChallenge } = createState();
  const url = client.authorizationUrl({
    ...{ state: token, codeChallenge, scopes: state.scopes, inputs: state.inputs, operator },
    loginHint: state.loginHint,
    deliveryUrl: `${publicUrl}/integrations/oauth/callback/${client.provider.id}`,
  });
  if (url === undefined) throw new TypeError(`${client.provider.id} has no page to go on to.`);
  cookies.add(request, reply, { state: token, codeVerifier });
  return reply.redirect(url.href, 303);
}
