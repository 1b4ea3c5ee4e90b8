import { requestIdHeaders } from "@cita/process";
import type { RefreshOutcome } from "@cita/token-store";
import { toRefreshedTokens } from "../oauth/token-response.ts";
import { answerTime, retryAfterMs } from "../retry-after.ts";
import { classifyAnswer, type GoogleAnswer } from "./classify-answer.ts";
import { type GoogleClientConfig, googleIssuers } from "./google.ts";

/** Our OAuth client (RFC 6749) at Google: its authorization, token and revocation endpoints. */
export type GoogleOAuthClient = {
  /** The authorization request, to which the browser is redirected (RFC 6749, section 4.1.1; RFC 7636, section 4.3). */
  authorizationUrl(request: AuthorizationRequest): URL;
  /**
   * Exchanges a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5). It never throws.
   * @returns the response, to be classified; without a status where none came.
   */
  exchange(code: string, codeVerifier: string): Promise<TokenAnswer>;
  /** Requests a new access token (RFC 6749, section 6). It never throws. */
  refresh(refreshToken: string): Promise<RefreshOutcome>;
  /** Revokes a grant (RFC 7009). It never throws. @returns whether Google has confirmed that the grant has ended. */
  revoke(token: string): Promise<boolean>;
};

export type AuthorizationRequest = {
  readonly state: string;
  /** Of method S256. */
  readonly codeChallenge: string;
  /** The address of the account that is expected; null: any. */
  readonly loginHint: string | null;
};

export type TokenAnswer = GoogleAnswer & {
  /** The response's `Date` in epoch milliseconds; without one, our own time. */
  readonly time: number;
  /** Why no complete response came. */
  readonly cause?: unknown;
};

/** A response with tokens has 2 kB. */
const maxAnswerBytes = 65_536;

/** @param config `now` is in epoch milliseconds; default: the system's clock. */
export function createGoogleOAuthClient(
  config: GoogleClientConfig & { now?: () => number },
): GoogleOAuthClient {
  const { clientId, clientSecret, tokenUrl, revocationUrl, timeoutMs = 5_000, now = Date.now } = config;
  const client = { client_id: clientId, client_secret: clientSecret };
  const post = (url: string, form: Record<string, string>) => postForm(url, form, { timeoutMs, now });

  return {
    authorizationUrl: (request) => toAuthorizationUrl(config, request),

    async exchange(code, codeVerifier) {
      const grant = { grant_type: "authorization_code", code, code_verifier: codeVerifier };
      try {
        return await post(tokenUrl, { ...grant, redirect_uri: redirectUri(config), ...client });
      } catch (cause) {
        return { time: now(), cause };
      }
    },

    async refresh(refreshToken) {
      const form = { grant_type: "refresh_token", refresh_token: refreshToken, ...client };
      try {
        const answer = await post(tokenUrl, form);
        const found = classifyAnswer(answer, "refresh");
        if (found.kind !== "ok") return { ...found, retryAfterMs: answer.retryAfterMs };
        const issuers = googleIssuers(config.authorizationUrl);
        const tokens = toRefreshedTokens(answer.body, now(), { issuers, clientId, now: answer.time });
        return tokens ? { kind: "ok", tokens } : { kind: "transient", reason: "unreadable answer" };
      } catch (cause) {
        return { kind: "transient", reason: "no answer", cause };
      }
    },

    async revoke(token) {
      try {
        return classifyAnswer(await post(revocationUrl, { token }), "revoke").kind === "ok";
      } catch {
        return false;
      }
    },
  };
}

/** It must equal the URI that is registered at Google. */
function redirectUri({ publicUrl }: GoogleClientConfig): string {
  return `${publicUrl}/oauth/callback`;
}

function toAuthorizationUrl(
  client: GoogleClientConfig,
  { state, codeChallenge, loginHint }: AuthorizationRequest,
): URL {
  const url = new URL(client.authorizationUrl);
  const parameters = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri(client),
    scope: client.scopes.split(/\s+/).join(" "),
    state,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    // Google's own parameters. Without both, a second consent gives no refresh token.
    access_type: "offline",
    prompt: "consent",
    ...(loginHint !== null && { login_hint: loginHint }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

type Limits = { readonly timeoutMs: number; readonly now: () => number };

/**
 * Posts a form. The timeout covers the whole response, with its body.
 * @throws where no complete response came, it is too long, or it redirects.
 */
async function postForm(url: string, form: Record<string, string>, { timeoutMs, now }: Limits) {
  const response = await fetch(url, {
    method: "POST",
    headers: requestIdHeaders(),
    body: new URLSearchParams(form),
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = parseBody(await readText(response, maxAnswerBytes));
  return {
    status: response.status,
    body,
    retryAfterMs: retryAfterMs(response.headers, now()),
    time: answerTime(response.headers) ?? now(),
  };
}

/** @throws when it is longer than `maxBytes`. */
async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Parses JSON. @returns the text itself where it isn't JSON. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
