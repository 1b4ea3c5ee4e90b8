import { randomUUID } from "node:crypto";
import { type Html, html } from "@cita/http/html";
import type { FastifyInstance } from "fastify";
import type { Accounts } from "./accounts.ts";
import type { Grants } from "./grants.ts";

export const agendaClient = { id: "agenda client", secret: "agenda+secret" };

/** RFC 6749, section 2.3.1: both are form-encoded first. */
const credentials = `Basic ${Buffer.from("agenda+client:agenda%2Bsecret").toString("base64")}`;

const host = "/login.agenda.example";
const allScopes = "me,calendar:write";

export type TokenRequest = Readonly<Record<string, string>>;

export type AuthorizationSettings = {
  /** What the token endpoint answers, instead of tokens. */
  fault: string | undefined;
  /** The `iss` of authorization responses. */
  issuer: string;
};

type Parts = {
  accounts: Accounts;
  grants: Grants;
  settings: AuthorizationSettings;
  onTokenRequest(request: TokenRequest): void;
};

type Params = Record<string, string | string[]>;

/** The authorization endpoint with its page, and the token endpoint. There is no revocation. */
export function authorizationRoutes(app: FastifyInstance, parts: Parts): void {
  const { accounts, grants, settings, onTokenRequest } = parts;
  const codes = new Map<string, { mail: string; redirectUri: string; scope: string }>();

  app.get<{ Querystring: Params }>(`${host}/authorize`, async ({ query }, reply) =>
    reply.type("text/html; charset=utf-8").send(consentPage(query)),
  );

  app.post<{ Body: Params }>(`${host}/authorize`, async ({ body }, reply) => {
    const { who = "luna@agenda.example", redirect_uri = "", state = "", action } = body;
    const code = randomUUID();
    const scope = ["me", ...[body.granted ?? []].flat()].join(",");
    codes.set(code, { mail: `${who}`, redirectUri: `${redirect_uri}`, scope });
    const back = new URL(`${redirect_uri}`);
    const outcome = action === "deny" ? { error: "access_denied" } : { code };
    for (const [name, value] of Object.entries({ ...outcome, state: `${state}`, iss: settings.issuer }))
      if (value !== undefined) back.searchParams.set(name, value);
    return reply.redirect(back.href);
  });

  app.post<{ Body: TokenRequest }>(`${host}/token`, async ({ body, headers }) => {
    onTokenRequest(body);
    if (settings.fault !== undefined) return { ok: false, fault: settings.fault };
    if (headers.authorization !== credentials) return { ok: false, fault: "client_unknown" };
    const { grant_type, code = "", refresh_token = "", redirect_uri } = body;
    if (grant_type === "refresh_token") {
      const renewed = grants.renew(refresh_token);
      return renewed === undefined ? gone : { ...renewed.tokens, account: accountOf(renewed.mail) };
    }
    const granted = codes.get(code);
    codes.delete(code);
    if (granted === undefined || granted.redirectUri !== redirect_uri) return gone;
    return { ...grants.begin(granted.mail, granted.scope), account: accountOf(granted.mail) };
  });

  function accountOf(mail: string) {
    const { number } = accounts.findOrMake(mail);
    return { number, mail };
  }
}

const gone = { ok: false, fault: "grant_gone" };

function consentPage(query: Params): string {
  const hidden = Object.entries(query).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${`${value}`}">`,
  );
  const scopes: Html[] = allScopes
    .split(",")
    .filter((scope) => scope !== "me")
    .map((scope) => html`<input type="checkbox" name="granted" value="${scope}" checked>`);
  return html`<!doctype html><title>Agenda sandbox</title><p>SANDBOX: a provider that doesn't exist.</p>
<form method="post" action="${`${host}/authorize`}">${hidden}${scopes}<button name="action" value="allow">Allow</button></form>`
    .html;
}
