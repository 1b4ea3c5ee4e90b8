import { accountProviders } from "@cita/providers/accounts";
import type { Test } from "tap";
import { returnPath } from "../../apps/admin-api/src/panel/pages/integrations/attempts.ts";
import { type ConsentOptions, connectAccount, consentAt, createTraveller, start } from "./account-consent.ts";
import { freePort } from "./free-port.ts";
import {
  createIntegrationsWorld,
  type IntegrationsWorld,
  type IntegrationsWorldOptions,
  redirectUri,
} from "./integrations-world.ts";
import { decode } from "./panel-pages.ts";
import { addPerson, type Session, send } from "./people.ts";
import { createWorld, type World } from "./world.ts";

/** Where nothing listens: a service that is away for good. */
export const nowhere = "http://127.0.0.1:9";

export type ConnectedWorlds = { readonly world: World; readonly integrations: IntegrationsWorld };

/** Both services with the integration service, which knows the panel's return. */
export async function createConnectedWorlds(
  t: Test,
  options: Parameters<typeof createWorld>[1] = {},
  integrationsOptions: IntegrationsWorldOptions = {},
): Promise<ConnectedWorlds> {
  const port = await freePort();
  const variables = { INTEGRATIONS_URL: `http://127.0.0.1:${port}`, ...options.variables };
  const world = await createWorld(t, { ...options, variables });
  const integrations = await startIntegrations(t, world, { port, ...integrationsOptions });
  return { world, integrations };
}

/** The integration service of a world whose admin-api looks for it at this port. */
export function startIntegrations(
  t: Test,
  { adminUrl }: Pick<World, "adminUrl">,
  options: IntegrationsWorldOptions & { readonly port: number },
): Promise<IntegrationsWorld> {
  const variables = {
    ...{ ADMIN_URL: adminUrl, ADMIN_PUBLIC_URL: adminUrl },
    ALLOWED_REDIRECT_URIS: `${redirectUri},${adminUrl}${returnPath}`,
    ...options.variables,
  };
  return createIntegrationsWorld(t, { ...options, variables });
}

export const integrationsOfLuna = "/clientes/luna/conexiones";

/** Two customers, and an admin who looks at them. */
export async function openWithAdmin(t: Test) {
  const worlds = await createConnectedWorlds(t);
  const { world } = worlds;
  for (const id of ["luna", "sol"]) await world.connect(id);
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  return { ...worlds, admin };
}

/** Opens what a person's browser is sent back to. */
export const comeBack = (
  { world }: ConnectedWorlds,
  { cookie }: Pick<Session, "cookie">,
  { path, cookies }: { path: string; cookies: readonly string[] },
) => send(world.adminUrl, "GET", path, { cookie: [cookie, ...cookies].join("; ") });

export function providerOf(id: string) {
  const found = accountProviders.find((provider) => provider.id === id);
  if (found === undefined) throw new Error(`there is no provider ${id}`);
  return found;
}

/** Connects an account without the panel. @returns its id */
export async function connect(
  integrations: IntegrationsWorld,
  provider: string,
  options: ConsentOptions = {},
): Promise<string> {
  const { integrationId, result } = await connectAccount(integrations, providerOf(provider), options);
  if (integrationId === null) throw new Error(`nothing was connected: ${result}`);
  return integrationId;
}

/** From a page that goes on to a provider, to where the browser comes back to the panel, with the cookies of both. */
export async function consent(
  integrations: IntegrationsWorld,
  provider: string,
  page: Awaited<ReturnType<typeof send>>,
  options: ConsentOptions = {},
) {
  const [, url = ""] = /^0; url=(.+)$/.exec(page.headers.get("refresh") ?? "") ?? [];
  const traveller = createTraveller();
  const started = await start(traveller, providerOf(provider), url);
  const isAtProvider = started.location?.startsWith(integrations.sandboxUrl) === true;
  const ended = isAtProvider
    ? await traveller.go(await consentAt(traveller, started.location ?? "", options))
    : started;
  const { pathname, search } = new URL(ended.location ?? "about:blank");
  const cookies = page.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
  return { path: `${pathname}${search}`, cookies, url };
}

/** What a page says, without its tags. */
export const wordsOf = (text: string) =>
  decode(text.replaceAll(/<[^>]*>/g, " "))
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ");
