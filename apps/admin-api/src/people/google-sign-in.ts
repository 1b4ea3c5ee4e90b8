import { createHash } from "node:crypto";
import oauth2, { type OAuth2Namespace } from "@fastify/oauth2";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { SignIn } from "../access/sign-in.ts";
import type { GoogleAccount, UserStore } from "./user-store.ts";

export type GoogleClient = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Google's public keys (RFC 7517). */
  readonly certsUrl: string;
};

export type GoogleSignInOptions = {
  readonly google: GoogleClient;
  readonly publicUrl: string;
  readonly users: Pick<UserStore, "joinByGoogle">;
  readonly signIn: SignIn["signIn"];
  /** Where to go afterwards: a path of ours. */
  readonly ownPath: (path: string | undefined) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

declare module "fastify" {
  interface FastifyInstance {
    google: OAuth2Namespace;
  }
}

const start = "/login/google";
const callback = `${start}/callback`;
const isPublic = { access: "public" } as const;
const issuers = ["https://accounts.google.com", "accounts.google.com"];
const nextCookie = "cita_next";

/** Why nobody was signed in, as the sign-in page's `problem`. */
export const googleProblems = [
  "google_denied",
  "google_failed",
  "google_unknown",
  "google_unproven",
] as const;
export type GoogleProblem = (typeof googleProblems)[number];

/**
 * "Sign in with Google", for addresses that are users. The code flow with state and PKCE is the library's (RFC 6749,
 * RFC 7636); the id_token is checked here (OpenID Connect Core 1.0, section 3.1.3.7).
 */
export const googleSignIn: FastifyPluginAsync<GoogleSignInOptions> = async (app, options) => {
  const { google, publicUrl, users, signIn, ownPath, now } = options;
  const secure = publicUrl.startsWith("https:");
  await app.register(oauth2, oauthOptions(google, `${publicUrl}${callback}`, secure));
  const certs = createRemoteJWKSet(new URL(google.certsUrl));
  const cookie = { path: start, httpOnly: true, sameSite: "lax", secure } as const;

  app.get<{ Querystring: { next?: string } }>(start, { config: isPublic }, async (request, reply) => {
    const url = new URL(await app.google.generateAuthorizationUri(request, reply));
    url.searchParams.set("nonce", nonceOf(url.searchParams.get("state") ?? ""));
    reply.setCookie(nextCookie, ownPath(request.query.next), { ...cookie, maxAge: 600 });
    return reply.redirect(url.href, 303);
  });

  app.get<{ Querystring: { error?: string; state?: string } }>(
    callback,
    { config: isPublic },
    async (request, reply) => {
      const { error, state = "" } = request.query;
      const next = ownPath(request.cookies[nextCookie]);
      reply.clearCookie(nextCookie, cookie);
      if (error !== undefined)
        return refuse(reply, error === "access_denied" ? "google_denied" : "google_failed");
      const account = await readAccount(
        certs,
        { clientId: google.clientId, nonce: nonceOf(state), now: now() },
        async () => {
          const { token } = await app.google.getAccessTokenFromAuthorizationCodeFlow(request, reply);
          return token.id_token;
        },
      ).catch((err: unknown) => {
        request.log.warn({ err }, "Google's answer can't be accepted");
      });
      if (account === undefined) return refuse(reply, "google_failed");
      const result = await users.joinByGoogle(account);
      if (result.kind !== "joined") return refuse(reply, `google_${result.kind}`);
      await signIn(request, reply, { userId: result.user.id }, "google");
      return reply.redirect(next, 303);
    },
  );
};

function oauthOptions(google: GoogleClient, callbackUri: string, secure: boolean) {
  const [authorize, token] = [new URL(google.authorizationUrl), new URL(google.tokenUrl)];
  return {
    name: "google",
    scope: ["openid", "email", "profile"],
    credentials: {
      client: { id: google.clientId, secret: google.clientSecret },
      auth: {
        ...{ authorizeHost: authorize.origin, authorizePath: authorize.pathname },
        ...{ tokenHost: token.origin, tokenPath: token.pathname },
      },
    },
    callbackUri,
    callbackUriParams: { prompt: "select_account" },
    pkce: "S256" as const,
    hostPrefixedCookies: secure,
    cookie: { path: "/", secure, maxAge: 600 },
  };
}

function refuse(reply: FastifyReply, problem: GoogleProblem): FastifyReply {
  return reply.redirect(`/login?problem=${problem}`, 303);
}

/** Bound to this sign-in as the state is, which the library compares with this browser's cookie. */
function nonceOf(state: string): string {
  return createHash("sha256").update(`nonce ${state}`).digest("base64url");
}

const claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.email(),
  email_verified: z.literal(true),
  /** Further audiences aren't trusted. */
  aud: z.union([z.string(), z.tuple([z.string()])]),
  nonce: z.string(),
  azp: z.string().optional(),
  /** The domain of a Workspace. */
  hd: z.string().optional(),
});

/**
 * Only of these addresses Google knows whose they are. Any other was verified when the Google account was made, and may be
 * another person's since.
 * @see https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
 */
function isGoogles({ email, hd }: { email: string; hd?: string | undefined }): boolean {
  return hd !== undefined || /@(?:gmail|googlemail)\.com$/i.test(email);
}

/** @throws where the answer isn't Google's, is for others, or has no address that Google has verified. */
async function readAccount(
  certs: JWTVerifyGetKey,
  { clientId, nonce, now }: { clientId: string; nonce: string; now: number },
  readIdToken: () => Promise<string | undefined>,
): Promise<GoogleAccount> {
  const { payload } = await jwtVerify((await readIdToken()) ?? "", certs, {
    ...{ issuer: issuers, audience: clientId, algorithms: ["RS256"] },
    ...{ requiredClaims: ["exp", "iat"], clockTolerance: 300, maxTokenAge: "1 day" },
    currentDate: new Date(now),
  });
  const { sub, email, hd, ...checked } = claims.parse(payload);
  if (checked.nonce !== nonce || (checked.azp ?? clientId) !== clientId)
    throw new TypeError("The nonce or azp is another one.");
  return { accountId: sub, email, provesAddress: isGoogles({ email, hd }) };
}
