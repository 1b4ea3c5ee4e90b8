import { buildSandbox, SANDBOX_CLIENT, type SandboxOptions } from "@cita/sandbox";
import type { Test } from "tap";
import type { ProviderCalls } from "./provider-calls.ts";

/** Where a Google-shaped server is: what the `GOOGLE_*` variables say. */
export type GoogleServer = {
  clientId: string;
  clientSecret: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl: string;
  apiUrl: string;
};

/** The same as a service reads it. */
export function googleVariables(google: GoogleServer) {
  return {
    GOOGLE_CLIENT_ID: google.clientId,
    GOOGLE_CLIENT_SECRET: google.clientSecret,
    GOOGLE_AUTHORIZATION_URL: google.authorizationUrl,
    GOOGLE_TOKEN_URL: google.tokenUrl,
    GOOGLE_REVOCATION_URL: google.revocationUrl,
    GOOGLE_API_URL: google.apiUrl,
  };
}

/** The sandbox, in the test's own process. */
export async function startSandbox(
  t: Pick<Test, "teardown">,
  calls: ProviderCalls,
  options: SandboxOptions = {},
): Promise<GoogleServer> {
  const sandbox = buildSandbox(options);
  calls.watch(sandbox);
  t.teardown(() => sandbox.close());
  const url = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  return {
    clientId: SANDBOX_CLIENT.id,
    clientSecret: SANDBOX_CLIENT.secret,
    authorizationUrl: `${url}/o/oauth2/v2/auth`,
    tokenUrl: `${url}/token`,
    revocationUrl: `${url}/revoke`,
    apiUrl: url,
  };
}

/** The sandbox's controls. */
export async function controlSandbox(googleUrl: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${googleUrl}/_sandbox/${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  // Otherwise a misspelt fault is one that never happens.
  if (response.status === 400) throw new Error(`the stand-in refuses ${method} ${path}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
