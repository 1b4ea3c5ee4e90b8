import { passedOnHeaders } from "@cita/service";
import type { RefreshOutcome } from "@cita/token-store";
import { z } from "zod";
import { classify, type GoogleAnswer } from "../google/google-answer.ts";
import { answerTime, retryAfterMs } from "../google/retry-after.ts";
import { checkIdToken, type IdTokenExpectation, issuersOf } from "./id-token.ts";

/** Google's OAuth endpoints apart from the browser leg: refresh and revocation. */
export type GoogleIdentity = {
  /** RFC 6749, section 6. Never throws. */
  refresh(refreshToken: string): Promise<RefreshOutcome>;
  /** RFC 7009. @returns whether Google confirmed that the grant is gone. */
  revoke(token: string): Promise<boolean>;
};

export type GoogleIdentityConfig = {
  clientId: string;
  clientSecret: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl: string;
  /** How long one request may take. */
  timeoutMs?: number;
  now?: () => number;
};

export function createGoogleIdentity(config: GoogleIdentityConfig): GoogleIdentity {
  const { clientId, clientSecret, tokenUrl, revocationUrl, timeoutMs = 5_000, now = Date.now } = config;
  const issuers = issuersOf(config.authorizationUrl);
  /** The time covers the whole answer: a body that never ends counts as none. */
  const post = async (url: string, form: Record<string, string>): Promise<TimedAnswer> => {
    const response = await fetch(url, {
      method: "POST",
      headers: passedOnHeaders(),
      body: new URLSearchParams(form),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = parseBody(await response.text());
    return {
      status: response.status,
      body,
      retryAfterMs: retryAfterMs(response.headers, now()),
      time: answerTime(response.headers) ?? now(),
    };
  };

  return {
    async refresh(refreshToken) {
      const form = {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      };
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

type TimedAnswer = GoogleAnswer & {
  retryAfterMs: number | undefined;
  /** Google's time, or ours where it didn't tell. */
  time: number;
};

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
      ...(verdict?.kind === "valid" && { accountId: verdict.identity.accountId }),
    },
  };
}

/** JSON, or the text as it is where it isn't any. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
