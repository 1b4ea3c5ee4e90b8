import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseEnv } from "node:util";
import { accountProviders } from "@cita/providers/accounts";
import { generateFernetKey } from "@cita/token-store";
import { returnPath } from "../apps/admin-api/src/panel/pages/integrations/attempts.ts";
import { isAnyAddress } from "../apps/mcp-calendar/src/config.ts";

export type Variables = Record<string, string | undefined>;

export type DevelopmentEnvironment = {
  /** Whether the sandbox replaces Google, because no Google credentials are set. */
  sandbox: boolean;
  variables: Variables;
  urls: { admin: string; mcp: string; integrations: string; sandbox: string };
  /** The file with the admin key; undefined where the environment has set the key. */
  adminKeyFile: string | undefined;
};

/** What the operator has set: in `.env` of the working directory and, taking precedence, in the environment. */
export async function readGivenEnvironment(): Promise<Variables> {
  const fromFile = existsSync(".env") ? parseEnv(await readFile(".env", "utf8")) : {};
  return { ...fromFile, ...process.env };
}

/**
 * Adds to the given environment what `npm start` needs on a machine where nothing is set up. Secrets are made once
 * and stored in files, so that stored tokens can be opened after a restart. The sandbox has databases of its own.
 *
 * @param secretSource `readSecret` for commands that must not make secrets
 */
export async function developmentEnvironment(
  given: Variables,
  secretSource: SecretSource = readOrMakeSecret,
): Promise<DevelopmentEnvironment> {
  const sandbox = !given.GOOGLE_CLIENT_ID || !given.GOOGLE_CLIENT_SECRET;
  const data = sandbox ? "data/sandbox" : "data";

  const urls = {
    admin: `http://localhost:${given.ADMIN_PORT || 3000}`,
    mcp: `http://localhost:${given.MCP_PORT || 60_000}`,
    integrations: `http://localhost:${given.INTEGRATIONS_PORT || 3_008}`,
    sandbox: `http://localhost:${given.SANDBOX_PORT || 60_001}`,
  };
  const defaults: Variables = {
    ADMIN_API_KEY: await secretSource(`${data}/admin-api-key`, randomKey),
    CALENDAR_SERVICE_KEY: await secretSource(`${data}/calendar-service-key`, randomKey),
    TOKEN_ENCRYPTION_KEY: await secretSource(`${data}/token-encryption-key`, generateFernetKey),
    CALENDAR_URL: managementUrl(given) ?? urls.mcp,
    MCP_PUBLIC_URL: urls.mcp,
    DATABASE_URL: `file:./${data}/calendar.db`,
    ADMIN_DATABASE_URL: `file:./${data}/admin.db`,
    INTEGRATIONS_DATABASE_URL: `file:./${data}/integrations.db`,
    ADMIN_URL: urls.admin,
    ADMIN_PUBLIC_URL: urls.admin,
    ALLOWED_REDIRECT_URIS: `${urls.admin}/,${given.ADMIN_PUBLIC_URL || urls.admin}${returnPath}`,
    INTEGRATIONS_URL: urls.integrations,
    LOG_LEVEL: "warn",
    ...(sandbox && { SANDBOX_STATE_FILE: `${data}/google.json` }),
  };
  // Overrides what is set: the sandbox's client must never be sent to Google.
  const variables = {
    ...given,
    ...(sandbox && { ...sandboxGoogle(urls.sandbox), ...sandboxAccounts(urls.sandbox) }),
  };
  for (const [name, value] of Object.entries(defaults)) variables[name] ||= value;
  return {
    sandbox,
    variables,
    urls,
    adminKeyFile: given.ADMIN_API_KEY ? undefined : `${data}/admin-api-key`,
  };
}

/** The address of mcp-calendar's management paths where they have their own. */
function managementUrl({ MANAGEMENT_HOST: host, MANAGEMENT_PORT: port }: Variables): string | undefined {
  if (!host || !port) return undefined;
  const name = isAnyAddress(host) ? "localhost" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function sandboxGoogle(url: string): Variables {
  return {
    GOOGLE_CLIENT_ID: "sandbox-client",
    GOOGLE_CLIENT_SECRET: "sandbox-secret",
    GOOGLE_AUTHORIZATION_URL: `${url}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: `${url}/token`,
    GOOGLE_REVOCATION_URL: `${url}/revoke`,
    GOOGLE_API_URL: url,
  };
}

/** The sandbox has the same client for every provider. */
function sandboxAccounts(url: string): Variables {
  const named = accountProviders.flatMap(({ clientVariables, settings }): [string, string][] => [
    ...clientVariables.flatMap(({ id, secret }): [string, string][] => [
      [id, "sandbox-client"],
      [secret, "sandbox-secret"],
    ]),
    ...settings.flatMap(({ variable, preset }): [string, string][] =>
      preset === null ? [[variable, "sandbox-setting"]] : [],
    ),
  ]);
  return { PROVIDER_HOSTS_AT: url, ...Object.fromEntries(named) };
}

function randomKey(): string {
  return randomBytes(32).toString("base64url");
}

type SecretSource = (file: string, make: () => string) => Promise<string | undefined>;

/** @returns undefined where the secret was not made yet. */
export async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function readOrMakeSecret(file: string, make: () => string): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    // `wx` fails where the file exists, so that two first starts at the same time use one secret.
    await writeFile(file, `${make()}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readSecret(file);
}
