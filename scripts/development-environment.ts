import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import { isAnyAddress } from "../apps/mcp-calendar/src/config.ts";

export type Variables = Record<string, string | undefined>;

export type DevelopmentEnvironment = {
  /** No Google credentials are set: a local Google stands in. */
  sandbox: boolean;
  variables: Variables;
  urls: { admin: string; mcp: string; sandbox: string };
  /** Where the admin key can be read, or undefined when the environment brought its own. */
  adminKeyFile: string | undefined;
};

/**
 * Completes the environment for a machine on which nothing was set up. Secrets are made once and kept,
 * so that what was stored yesterday can be opened today; the sandbox has databases of its own.
 *
 * @param secretOf reads a kept secret; other commands than `npm start` make none (`keptSecret`).
 */
export async function developmentEnvironment(
  given: Variables,
  secretOf: SecretSource = madeSecret,
): Promise<DevelopmentEnvironment> {
  const sandbox = !given.GOOGLE_CLIENT_ID || !given.GOOGLE_CLIENT_SECRET;
  const data = sandbox ? "data/sandbox" : "data";

  const urls = {
    admin: `http://localhost:${given.ADMIN_PORT || 3000}`,
    mcp: `http://localhost:${given.MCP_PORT || 60_000}`,
    sandbox: `http://localhost:${given.SANDBOX_PORT || 60_001}`,
  };
  const defaults: Variables = {
    ADMIN_API_KEY: await secretOf(`${data}/admin-api-key`, randomKey),
    CALENDAR_SERVICE_KEY: await secretOf(`${data}/calendar-service-key`, randomKey),
    TOKEN_ENCRYPTION_KEY: await secretOf(`${data}/token-encryption-key`, generateFernetKey),
    CALENDAR_URL: managementUrl(given) ?? urls.mcp,
    DATABASE_URL: `file:./${data}/calendar.db`,
    ADMIN_DATABASE_URL: `file:./${data}/admin.db`,
    LOG_LEVEL: "warn",
    ...(sandbox && { SANDBOX_STATE_FILE: `${data}/google.json` }),
  };
  // The sandbox's client must never be sent to Google, whatever the environment says.
  const variables = { ...given, ...(sandbox && sandboxGoogle(urls.sandbox)) };
  for (const [name, value] of Object.entries(defaults)) variables[name] ||= value;
  return {
    sandbox,
    variables,
    urls,
    adminKeyFile: given.ADMIN_API_KEY ? undefined : `${data}/admin-api-key`,
  };
}

/** Where mcp-calendar's management paths have an address of their own. */
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

function randomKey(): string {
  return randomBytes(32).toString("base64url");
}

type SecretSource = (file: string, make: () => string) => Promise<string | undefined>;

/** A secret in its file, or undefined where none was made yet. */
export async function keptSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function madeSecret(file: string, make: () => string): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    // Created exclusively: of two first starts at once both end up with the same secret.
    await writeFile(file, `${make()}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return keptSecret(file);
}
