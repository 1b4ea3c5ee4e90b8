import { freePort } from "./free-port.ts";

/** The last words of `npm start`'s screen. */
export const ready = "Ctrl-C stops everything.";

/** The commands on the screen, as a person would paste them. */
export function commandsOn(screen: string): string[] {
  return [...screen.matchAll(/^ {3}(curl (?:[^\n]*\\\n)*[^\n]*)$/gm)].map(([, command]) => command ?? "");
}

/** What production has to have. */
export const secrets = {
  CALENDAR_SERVICE_KEY: "I-VPeFKzU2lvtOKwLBANTPBNJaB99y1D",
  TOKEN_ENCRYPTION_KEY: "5TiHsU5KUApHz-ECHME-Y6hVay1uA6uiyuLgqGn_PD0=",
  GOOGLE_CLIENT_ID: "id",
  GOOGLE_CLIENT_SECRET: "secret",
};

export async function freePorts(): Promise<Record<string, string>> {
  const [admin, mcp, sandbox] = await Promise.all([freePort(), freePort(), freePort()]);
  return { ADMIN_PORT: String(admin), MCP_PORT: String(mcp), SANDBOX_PORT: String(sandbox) };
}

export async function answers(port: string | undefined): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
