import { randomUUID } from "node:crypto";
import formbody from "@fastify/formbody";
import fastify from "fastify";
import type { Test } from "tap";

export const agendaVariables = { AGENDA_CLIENT_ID: "agenda client", AGENDA_CLIENT_SECRET: "agenda+secret" };

type TokenRequest = Readonly<Record<string, string>>;
type Grant = { mail: string; accessToken: string; refreshToken: string };

/**
 * The made-up provider's authorization server, at the place that PROVIDER_HOSTS_AT names. Every person who comes consents at
 * once. A refresh token is good once.
 */
export async function startAgenda(t: Pick<Test, "teardown">) {
  const app = fastify();
  await app.register(formbody);
  const requests: TokenRequest[] = [];
  const codes = new Map<string, { mail: string; redirectUri: string }>();
  const grants = new Map<string, Grant>();
  const set = { fault: undefined as string | undefined, issuer: "https://login.agenda.example" };
  const credentials = `Basic ${Buffer.from("agenda+client:agenda%2Bsecret").toString("base64")}`;

  app.get<{ Querystring: Record<string, string> }>("/login.agenda.example/authorize", ({ query }, reply) => {
    const { who = "luna@agenda.example", redirect_uri: redirectUri = "", state = "" } = query;
    const code = randomUUID();
    codes.set(code, { mail: who, redirectUri });
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries({ code, state, iss: set.issuer }))
      back.searchParams.set(name, value);
    return reply.redirect(back.href);
  });

  app.post<{ Body: TokenRequest }>("/login.agenda.example/token", ({ body, headers }) => {
    requests.push(body);
    if (set.fault !== undefined) return { ok: false, fault: set.fault };
    if (headers.authorization !== credentials) return { ok: false, fault: "client_unknown" };
    const { grant_type, code = "", refresh_token = "", redirect_uri } = body;
    const granted = codes.get(code);
    codes.delete(code);
    const mail =
      grant_type === "refresh_token"
        ? grants.get(refresh_token)?.mail
        : granted?.redirectUri === redirect_uri
          ? granted?.mail
          : undefined;
    grants.delete(refresh_token);
    if (mail === undefined) return { ok: false, fault: "grant_gone" };
    const grant = { mail, accessToken: randomUUID(), refreshToken: randomUUID() };
    grants.set(grant.refreshToken, grant);
    return {
      access_token: grant.accessToken,
      refresh_token: grant.refreshToken,
      expires_in: 600,
      refresh_token_expires_in: 90 * 86_400,
      scope: "me,calendar:write",
      account: { number: `no-${mail}`, mail },
    };
  });

  t.teardown(() => app.close());
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    variables: { ...agendaVariables, PROVIDER_HOSTS_AT: url },
    /** What it answers from now on, instead of tokens. */
    fail(fault: string | undefined) {
      set.fault = fault;
    },
    /** The `iss` of its authorization responses from now on. */
    nameIssuer(issuer: string) {
      set.issuer = issuer;
    },
    /** Whoever has an account there ends the access. */
    endAllGrants: () => grants.clear(),
    /** The requests of its token endpoint since the last look. */
    take: () => requests.splice(0),
  };
}
