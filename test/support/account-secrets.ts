import { SANDBOX_CLIENT } from "@cita/sandbox";
import type { FastifyInstance } from "fastify";
import type { Secrets } from "./secrets.ts";

/** The stand-ins' tokens and codes look like nothing else, wherever they stand. */
const made = /sandbox-[a-z0-9-]+?-(access|refresh|code)-[\w-]{32}/g;
const kinds: Readonly<Record<string, string>> = {
  access: "access token",
  refresh: "refresh token",
  code: "authorization code",
};

/** What else is secret of a request, by the name of its parameter. */
const secretParameters: Readonly<Record<string, string>> = {
  state: "state",
  code_verifier: "PKCE verifier",
  hmac: "response proof",
  appsecret_proof: "request proof",
  client_secret: "client secret",
};

/** Notes every secret that passes between service, browser and the stand-ins of all providers. */
export function watchAccounts(sandbox: FastifyInstance, secrets: Secrets): void {
  const noteMade = (text: string) => {
    for (const [token, kind = ""] of text.matchAll(made)) secrets.note(kinds[kind] ?? kind, token);
    for (const [token] of text.matchAll(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/g))
      secrets.note("id token", token);
  };
  const noteFields = (fields: unknown) => {
    if (typeof fields !== "object" || fields === null) return;
    for (const [name, value] of Object.entries(fields)) {
      const kind = secretParameters[name];
      if (kind !== undefined && typeof value === "string") secrets.note(kind, value);
    }
  };
  sandbox.addHook("preHandler", async ({ url, query, body, headers }) => {
    noteMade(JSON.stringify([decodeURIComponent(url), body, headers]));
    for (const fields of [query, body]) noteFields(fields);
    // A store's keys, or our client's (RFC 6749, section 2.3.1).
    const [, basic] = /^Basic (.+)$/.exec(headers.authorization ?? "") ?? [];
    const halves = basic === undefined ? [] : Buffer.from(basic, "base64").toString().split(":");
    for (const half of halves) if (half !== SANDBOX_CLIENT.id) secrets.note("key or client secret", half);
  });
  sandbox.addHook("onSend", async (_request, reply, payload) => {
    const location = reply.getHeader("location");
    if (typeof location === "string" && URL.canParse(location)) {
      noteMade(decodeURIComponent(location));
      noteFields(Object.fromEntries(new URL(location).searchParams));
    }
    if (typeof payload === "string") noteMade(payload);
    return payload;
  });
}
