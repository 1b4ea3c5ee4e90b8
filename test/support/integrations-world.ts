import { join } from "node:path";
import { isPostgresUrl } from "@cita/database";
import { createLogger, readConfig } from "@cita/process";
import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import { buildSandbox } from "@cita/sandbox";
import { generateFernetKey } from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import type { Test } from "tap";
import { buildApp } from "../../apps/integrations/src/app.ts";
import { createConfigSchema } from "../../apps/integrations/src/config.ts";
import { migrationSets } from "../../apps/integrations/src/migrations.ts";
import { createServices, type Overrides } from "../../apps/integrations/src/services.ts";
import { freePort } from "./free-port.ts";
import { refuseLeaksInTables } from "./leaks-in-tables.ts";
import { copyMigratedFile } from "./migrated-file.ts";
import { createSecrets, refuseLeaks, type Secrets } from "./secrets.ts";
import { createPostgresUrl, type EngineName, engineOfRun } from "./test-database.ts";
import { makeTestFolder } from "./test-folder.ts";
import { adminKey, serviceKey } from "./test-keys.ts";
import { type Lifetime, sundayEvening } from "./world.ts";

export const redirectUri = "https://app.example/callback?from=cita";

export type IntegrationsWorldOptions = {
  readonly engine?: EngineName;
  readonly providers?: readonly AccountProvider[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly overrides?: Overrides;
  /** What the clock says, which stands still. Default: a Sunday evening of 2027. */
  readonly begin?: number;
  /** Default: any that is free. */
  readonly port?: number;
  /** Otherwise nothing is renewed or probed by itself. */
  readonly hasBackground?: boolean;
  /** Default: "debug". */
  readonly logLevel?: "trace";
  /** Told of the stand-ins before they listen, with the secrets that are looked for when the world ends. */
  readonly watch?: (sandbox: FastifyInstance, secrets: Secrets) => void;
};

export type IntegrationsWorld = Awaited<ReturnType<typeof createIntegrationsWorld>>;

/** A test that holds on every engine: on SQLite in `npm test`, on PostgreSQL in `npm run proofs`. */
export function forEachIntegrationsWorld(
  t: Test,
  name: string,
  options: IntegrationsWorldOptions,
  test: (t: Test, world: IntegrationsWorld) => Promise<void>,
): void {
  const engine = engineOfRun;
  void t.test(`${name} (${engine})`, async (t) =>
    test(t, await createIntegrationsWorld(t, { ...options, engine })),
  );
}

/** The integration service and the stand-ins of all its providers, over real HTTP. */
export async function createIntegrationsWorld(t: Lifetime, options: IntegrationsWorldOptions = {}) {
  const { providers = accountProviders, engine = engineOfRun } = options;
  const clock = { now: options.begin ?? sundayEvening };
  const now = () => clock.now;
  const log: string[] = [];
  const encryptionKey = generateFernetKey();
  const secrets = createSecrets({ adminKey, serviceKey, encryptionKey });
  const folder = makeTestFolder(t);
  refuseLeaks(t, secrets, { folder, log: () => log.join("") });
  const databaseUrl =
    engine === "postgres"
      ? await createPostgresUrl(t)
      : await copyMigratedFile(join(folder, "integrations.db"), migrationSets);
  refuseLeaksInTables(t, secrets, [databaseUrl].filter(isPostgresUrl));
  const sandbox = buildSandbox({ now, providers });
  options.watch?.(sandbox, secrets);
  t.teardown(() => sandbox.close());
  const sandboxUrl = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    ...clientVariables(providers),
    ...{ ADMIN_API_KEY: adminKey, CALENDAR_SERVICE_KEY: serviceKey, TOKEN_ENCRYPTION_KEY: encryptionKey },
    ...{
      INTEGRATIONS_PORT: String(port),
      INTEGRATIONS_PUBLIC_URL: url,
      INTEGRATIONS_DATABASE_URL: databaseUrl,
    },
    ...{ PROVIDER_HOSTS_AT: sandboxUrl, ALLOWED_REDIRECT_URIS: redirectUri },
    // No port that anything can listen on: a test that needs the calendar service names its own.
    CALENDAR_URL: "http://127.0.0.1:9",
    ...options.variables,
  };

  async function start(changed: Readonly<Record<string, string>> = {}) {
    const config = readConfig(createConfigSchema(providers), { ...environment, ...changed });
    const logger = createLogger(options.logLevel ?? "debug", { write: (line) => log.push(line) });
    const services = await createServices(config, { logger, now, providers, ...options.overrides });
    const app = await buildApp(
      options.hasBackground ? services : { ...services, startBackground: () => undefined },
      config,
    );
    t.teardown(() => app.close());
    await app.listen({ host: "127.0.0.1", port });
    return { app, services };
  }

  const running = await start();
  let { app } = running;
  return {
    clock,
    now,
    log,
    secrets,
    folder,
    url,
    sandboxUrl,
    databaseUrl,
    environment,
    ...running,
    /** Ends the service. */
    stop: () => app.close(),
    /** Ends the service, and starts it again over the same database. */
    async restart(changed: Readonly<Record<string, string>>) {
      await app.close();
      ({ app } = await start(changed));
    },
    ...createCaller(url),
  };
}

/** Of every provider its first client, and the settings that have no preset. */
export function clientVariables(providers: readonly AccountProvider[]): Readonly<Record<string, string>> {
  const pairs = providers.flatMap(({ clientVariables: [first], settings }) => [
    ...(first === undefined
      ? []
      : [
          [first.id, "sandbox-client"],
          [first.secret, "sandbox-secret"],
        ]),
    ...settings.filter(({ preset }) => preset === null).map(({ variable }) => [variable, "sandbox-setting"]),
  ]);
  return Object.fromEntries(pairs);
}

/** @param ownKey what is sent where a call doesn't say */
export function createCaller(url: string, ownKey = adminKey) {
  return {
    /** @param key null: without one */
    async api(method: string, path: string, body?: unknown, key: string | null = ownKey) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(key !== null && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? null : JSON.parse(text),
      };
    },
  };
}
