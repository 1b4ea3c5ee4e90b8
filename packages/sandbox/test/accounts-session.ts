import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import {
  type AccountAccess,
  type AccountClient,
  type AccountProvider,
  accountProviders,
  configuredAccounts,
  createAccountClients,
  type ObtainedAccount,
  readPath,
  type Send,
  type Values,
} from "@cita/providers/accounts";
import { buildSandbox, SANDBOX_CLIENT } from "../src/index.ts";
import { CHALLENGE, control, encode, MONDAY_MS, type Params, VERIFIER } from "./sandbox-session.ts";

export type Teardown = { after: (close: () => unknown) => void };

type Options = {
  readonly providers?: readonly AccountProvider[];
  readonly clientSecret?: string;
  /** Of settings that differ from their presets. */
  readonly variables?: Readonly<Record<string, string>>;
};

export type AccountsWorld = Awaited<ReturnType<typeof startAccounts>>;

/** The sandbox on a port of its own, our real clients at it, and one clock for both. */
export async function startAccounts(t: Teardown, options: Options = {}) {
  const { providers = accountProviders } = options;
  const clock = { ms: MONDAY_MS };
  const now = () => clock.ms;
  const app = buildSandbox({ now, providers });
  t.after(() => app.close());
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const clients = createAccountClients({
    ...{ providers, now, configured: configure(providers, options) },
    redirectUri: (id) => `http://localhost:60000/integrations/oauth/callback/${id}`,
    senders: { toProvider: send, toNamedHost: refuseToSend, hostsAt: url, timeoutMs: 5_000 },
  });
  return {
    ...{ app, clock, url },
    clientOf(id: string): AccountClient {
      const client = clients.get(id);
      if (client === undefined) throw new Error(`${id} isn't configured`);
      return client;
    },
    /** @returns what the control answers */
    async control(path: string, payload?: object) {
      const answer = await app.inject(control(path, payload));
      if (answer.statusCode >= 300) throw new Error(answer.body);
      return answer.json<Record<string, unknown>>();
    },
    /** The next call to any provider meets this answer. */
    meetOnce: (answer: { status: number; body: object; headers?: Readonly<Record<string, string>> }) =>
      app.inject(control("faults", { path: "/", times: 1, ...answer })),
  };
}

/** An environment with our client of each provider, as an operator would set it. */
function configure(
  providers: readonly AccountProvider[],
  { clientSecret = SANDBOX_CLIENT.secret, variables = {} }: Options,
) {
  const clients = providers.flatMap(({ clientVariables }) => clientVariables);
  const required = providers.flatMap(({ settings }) => settings.filter(({ preset }) => preset === null));
  return configuredAccounts(providers).parse({
    ...Object.fromEntries(clients.map(({ id }) => [id, SANDBOX_CLIENT.id])),
    ...Object.fromEntries(clients.map(({ secret }) => [secret, clientSecret])),
    ...Object.fromEntries(required.map(({ variable }) => [variable, "sandbox"])),
    ...variables,
  });
}

const send: Send = async (url, { method, headers, body }, { timeoutMs }) => {
  const answer = await fetch(url, {
    ...{ method, headers, body: body ?? null, redirect: "manual" },
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

const refuseToSend: Send = async (url) => {
  throw new Error(`Not at the sandbox: ${url}`);
};

/** What a test connects, and what a person answers on the page. */
export type Connecting = {
  readonly inputs?: Values;
  /** Fields of the consent form. */
  readonly form?: Params;
  readonly scopes?: readonly string[];
};

/** What callers know before: one shop or host for each provider that asks for it. */
export function inputsOf(id: string, name = "example"): Values {
  const inputs: Readonly<Record<string, Values>> = {
    shopify: { shop: `${name}.myshopify.com` },
    salesforce: { login_host: "login.salesforce.com" },
    woocommerce: { store: `${name}.shop.test` },
  };
  return inputs[id] ?? {};
}

/** Connects an account as a person and the integration service would. */
export function connect(
  world: AccountsWorld,
  id: string,
  connecting: Connecting = {},
): Promise<ObtainedAccount> {
  const client = world.clientOf(id);
  return connectors[client.provider.grant.kind](client, {
    ...{ inputs: inputsOf(id), scopes: client.scopesFor(), form: {} },
    ...connecting,
  });
}

const connectors: Record<
  AccountProvider["grant"]["kind"],
  (client: AccountClient, connecting: Required<Connecting>) => Promise<ObtainedAccount>
> = {
  async authorization_code(client, connecting) {
    const back = await consent(client, connecting);
    const { inputs, scopes } = connecting;
    return client.exchange({ query: queryOf(back), codeVerifier: VERIFIER, inputs, scopes });
  },
  key_delivery: deliverAndAccept,
  api_key: (client, { inputs, scopes }) =>
    client.acceptKey({ secret: inputs.api_key ?? "SG.sandbox-key-of-a-test-0123456789", inputs, scopes }),
  hook_url: (client, { inputs, scopes }) => client.acceptKey({ secret: hookUrl, inputs, scopes }),
};

export const hookUrl = "https://hooks.zapier.com/hooks/catch/1234567/sandbox";

/** Answers the page. @returns where the browser is sent */
export async function consent(
  client: AccountClient,
  { inputs = {}, scopes = client.scopesFor(), form = {} }: Connecting,
  deliveryUrl = "http://127.0.0.1:9/",
): Promise<URL> {
  const authorizationUrl = client.authorizationUrl({
    ...{ state: "the-state", codeChallenge: CHALLENGE, scopes, inputs, loginHint: null },
    ...{ operator: "Cita", deliveryUrl },
  });
  const answer = await fetch(authorizationUrl ?? "", {
    ...{ method: "POST", redirect: "manual", body: encode({ action: "allow", ...form }) },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  const location = answer.headers.get("location");
  if (location === null) throw new Error(`${answer.status} ${await answer.text()}`);
  return new URL(location);
}

export function queryOf(url: URL): Values {
  return Object.fromEntries(url.searchParams);
}

/** The shop's server posts the keys to a server of the test. */
async function deliverAndAccept(client: AccountClient, connecting: Required<Connecting>) {
  const { grant } = client.provider;
  if (grant.kind !== "key_delivery") throw new Error("no keys are delivered");
  let delivered: unknown;
  const receiver = createServer(async (request, response) => {
    delivered = JSON.parse(await text(request));
    response.end();
  });
  await once(receiver.listen(0, "127.0.0.1"), "listening");
  const address = receiver.address();
  const port = typeof address === "object" ? address?.port : 0;
  const back = await consent(client, connecting, `http://127.0.0.1:${port}/keys`);
  receiver.close();
  receiver.closeAllConnections();
  if (back.searchParams.get("success") !== "1") throw new Error(back.href);
  if (readPath(delivered, grant.delivery.state) !== "the-state") throw new Error("it is for another state");
  const secret = grant.delivery.keys.map((path) => readPath(delivered, path)).join(":");
  const { inputs, scopes } = connecting;
  return client.acceptKey({ secret, inputs, scopes });
}

export type Obtained = Extract<ObtainedAccount, { kind: "obtained" }> & { readonly access: AccountAccess };

/** The same, where it has to succeed: with what the connection's requests need. */
export async function obtain(
  world: AccountsWorld,
  id: string,
  connecting: Connecting = {},
): Promise<Obtained> {
  const obtained = await connect(world, id, connecting);
  if (obtained.kind !== "obtained") throw new Error(`${id}: ${JSON.stringify(obtained)}`);
  return { ...obtained, access: { ...obtained.tokens, inputs: connecting.inputs ?? inputsOf(id) } };
}
