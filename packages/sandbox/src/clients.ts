/** The one OAuth client the sandbox knows, as if registered in Google's console. */
export const SANDBOX_CLIENT = { id: "sandbox-client", secret: "sandbox-secret" } as const;

const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether the sandbox's client has this redirect URI registered: any port and path on a loopback host.
 * Fragments and credentials are refused, as Google's redirect URI rules do.
 * https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
 */
export function isRegisteredRedirectUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const url = new URL(uri);
  return (
    (url.protocol === "http:" || url.protocol === "https:") &&
    LOOPBACK_HOSTS.has(url.hostname) &&
    url.username === "" &&
    url.password === "" &&
    !uri.includes("#")
  );
}
