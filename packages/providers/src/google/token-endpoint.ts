import { passedOnHeaders } from "@cita/process";
import type { RefreshOutcome } from "@cita/token-store";
import { z } from "zod";
import { type GoogleClientConfig, redirectUriOf } from "./authorization-request.ts";
import { classify, type GoogleAnswer } from "./classify-answer.ts";
import { checkIdToken, type IdTokenExpectation, issuersOf } from "./id-token.ts";
import { answerTime, retryAfterMs } from "./retry-after.ts";

/** Google's OAuth endpoints that this service calls itself: token and revocation. */
export type GoogleIdentity = {
  /** RFC 6749, section 4.1.3, with the verifier of RFC 7636. Never throws: no answer is one without a status. */
  exchange(code: string, verifier: string): Promise<ExchangeAnswer>;
  /** RFC 6749, section 6. Never throws. */
  refresh(refreshToken: string): Promise<RefreshOutcome>;
  /** RFC 7009. @returns whether Google confirmed that the grant is gone. */
  revoke(token: string): Promise<boolean>;
};

export type ExchangeAnswer = GoogleAnswer & {
  /** Google's time in epoch milliseconds, or ours where it didn't tell. */
  readonly time: number;
  /** Set where no answer came, or not the whole of it. */
  readonly cause?: unknown;
};

export type GoogleIdentityConfig = Omit<GoogleClientConfig, "scopes"> & { now?: () => number };

/** An answer with tokens has 2 kB; what goes on beyond this isn't one. */
const maxAnswerBytes = 65_536;

export function createGoogleIdentity(config: GoogleIdentityConfig): GoogleIdentity {
  const { clientId, clientSecret, tokenUrl, revocationUrl, timeoutMs = 5_000, now = Date.now } = config;
  const issuers = issuersOf(config.authorizationUrl);
  const client = { client_id: clientId, client_secret: clientSecret };
  /** The time covers the whole answer: a body that never ends counts as none. */
  const post = async (url: string, form: Record<string, string>): Promise<TimedAnswer> => {
    const response = await fetch(url, {
      method: "POST",
      headers: passedOnHeaders(),
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
  };

  return {
    async exchange(code, verifier) {
      const form = {
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUriOf(config),
        code_verifier: verifier,
        ...client,
      };
      try {
        return await post(tokenUrl, form);
      } catch (cause) {
        return { time: now(), cause };
      }
    },

    async refresh(refreshToken) {
      const form = { grant_type: "refresh_token", refresh_token: refreshToken, ...client };
      try {
        const answer = await post(tokenUrl, form);
        const verdict = classify(answer, "refresh");
        if (verdict.kind === "ok") {
          return readTokens(answer.body, now(), { issuers, clientId, now: answer.time });
        }
        return { ...verdict, retryAfterMs: answer.retryAfterMs };
      } catch (cause) {
        return { kind: "transient", reason: "no answer", cause };
      }
    },

    async revoke(token) {
      try {
        // A token Google doesn't know any more is as revoked as it can be.
        return classify(await post(revocationUrl, { token }), "revoke").kind === "ok";
      } catch {
        return false;
      }
    },
  };
}

type TimedAnswer = ExchangeAnswer & { readonly retryAfterMs: number | undefined };

const tokenResponse = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
  /** Comes with a refresh too where `openid` was granted (OpenID Connect Core 1.0, section 12.2). */
  id_token: z.string().optional().catch(undefined),
});

function readTokens(body: unknown, now: number, expected: IdTokenExpectation): RefreshOutcome {
  const tokens = tokenResponse.safeParse(body);
  if (!tokens.success) return { kind: "transient", reason: "unreadable answer" };
  const { access_token, expires_in, refresh_token, id_token } = tokens.data;
  const verdict = id_token === undefined ? undefined : checkIdToken(id_token, expected);
  return {
    kind: "ok",
    tokens: {
      accessToken: access_token,
      tokenExpiry: new Date(now + expires_in * 1000),
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
      // One that can't be believed only tells nothing: the access is renewed all the same.
      ...(verdict?.kind === "valid" && { accountId: verdict.accountId }),
    },
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

/** JSON, or the text as it is where it isn't any. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
