import { isIP } from "node:net";
import { isLoopbackHost } from "@cita/process";
import { type Finding, ok, problem } from "./finding.ts";

/**
 * Google's rules for the redirect URI, which is derived from `MCP_PUBLIC_URL`.
 * @see https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
 */
export function checkRedirectUri(publicUrl: string): Finding[] {
  const url = new URL(publicUrl);
  const isLocal = isLoopbackHost(url.hostname);
  const todo = "Correct MCP_PUBLIC_URL, and the redirect URI in Google's console with it.";
  const findings: Finding[] = [];
  if (url.protocol !== "https:" && !isLocal) {
    findings.push(problem("MCP_PUBLIC_URL is not https: Google accepts http for localhost only.", todo));
  }
  if (isIP(url.hostname.replace(/^\[|\]$/g, "")) !== 0 && !isLocal) {
    findings.push(problem("MCP_PUBLIC_URL is an IP address: Google wants a domain name.", todo));
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    findings.push(
      problem("MCP_PUBLIC_URL holds more than a host, a port and a path: Google refuses that.", todo),
    );
  }
  if (findings.length > 0) return findings;
  return [ok(`The redirect URI is ${publicUrl}/oauth/callback: Google's console must list exactly this.`)];
}
