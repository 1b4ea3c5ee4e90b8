import type { RefreshOutcome } from "@cita/token-store";
import { z } from "zod";

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
  tokenUrl: string;
  revocationUrl: string;
  /** How long one request may take. */
  timeoutMs?: number;
  now?: () => number;
};

export function createGoogleIdentity(config: GoogleIdentityConfig): GoogleIdentity {
  const { clientId, clientSecret, tokenUrl, revocationUrl, timeoutMs = 5_000, now = Date.now } = config;
  const post = (url: string, form: Record<string, string>) =>
    fetch(url, {
      method: "POST",
      body: new URLSearchParams(form),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });

  return {
    async refresh(refreshToken) {
      const form = {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      };
      try {
        const response = await post(tokenUrl, form);
        const body: unknown = await response.json().catch(() => undefined);
        return response.ok ? readTokens(body, now()) : classifyRefusal(response.status, body);
      } catch (cause) {
        return { kind: "transient", reason: "no answer", cause };
      }
    },

    async revoke(token) {
      try {
        const response = await post(revocationUrl, { token });
        const body: unknown = await response.json().catch(() => undefined);
        // A token Google doesn't know any more is as revoked as it can be.
        return response.ok || oauthErrorOf(body) === "invalid_token";
      } catch {
        return false;
      }
    },
  };
}

const tokenResponse = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
});

function readTokens(body: unknown, now: number): RefreshOutcome {
  const tokens = tokenResponse.safeParse(body);
  if (!tokens.success) return { kind: "transient", reason: "unreadable answer" };
  const { access_token, expires_in, refresh_token } = tokens.data;
  return {
    kind: "ok",
    tokens: {
      accessToken: access_token,
      tokenExpiry: new Date(now + expires_in * 1000),
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    },
  };
}

/** These say that our client is set up wrong: no business can mend that by consenting again. */
const ourFault = new Set([
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "unsupported_grant_type",
]);

function classifyRefusal(status: number, body: unknown): RefreshOutcome {
  const error = oauthErrorOf(body);
  if (status === 429) return { kind: "rate_limited", reason: "429" };
  if (status >= 500 || error === undefined) return { kind: "transient", reason: String(status) };
  if (error === "invalid_grant") return { kind: "reauth_required", reason: error };
  if (ourFault.has(error)) return { kind: "misconfigured", reason: error };
  return { kind: "transient", reason: error };
}

function oauthErrorOf(body: unknown): string | undefined {
  const parsed = z.object({ error: z.string() }).safeParse(body);
  return parsed.success ? parsed.data.error : undefined;
}
