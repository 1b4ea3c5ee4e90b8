import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { SessionCaller, SessionStore } from "../session-store.ts";
import type { User } from "../user.ts";
import type { SigningKeys } from "./signing-keys.ts";

/**
 * JSON Web Tokens (RFC 7519) of users, signed with EdDSA. Other services verify them by `/.well-known/jwks.json`; here the
 * session counts too, so that one that was ended is refused at once.
 */
export type AccessTokens = {
  issue(user: User, sessionId: string): Promise<IssuedToken>;
  /** The caller whose token it is; undefined: it is forged, expired, for others, or its session has ended. */
  verify(token: string): Promise<SessionCaller | undefined>;
};

export type IssuedToken = { readonly accessToken: string; readonly expiresInSeconds: number };

const audience = "cita";
const algorithm = "EdDSA";

type Deps = {
  readonly keys: SigningKeys;
  readonly sessions: Pick<SessionStore, "findById">;
  /** `iss`: where admin-api is reached. */
  readonly issuer: string;
  readonly lifetimeSeconds: number;
  readonly now: () => number;
};

const claims = z.object({ sub: z.string(), sid: z.string() });

export function createAccessTokens({ keys, sessions, issuer, lifetimeSeconds, now }: Deps): AccessTokens {
  return {
    async issue({ id, email, role }, sessionId) {
      const { kid, key } = await keys.current();
      const issuedAt = Math.floor(now() / 1_000);
      const accessToken = await new SignJWT({ userId: id, email, role, sid: sessionId })
        .setProtectedHeader({ alg: algorithm, typ: "JWT", kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(id)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(key);
      return { accessToken, expiresInSeconds: lifetimeSeconds };
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = isThumbprint(kid) ? await keys.findPublic(kid) : undefined;
            if (key === undefined) throw new errors.JWKSNoMatchingKey();
            return key;
          },
          {
            ...{ issuer, audience, algorithms: [algorithm], typ: "JWT", currentDate: new Date(now()) },
            requiredClaims: ["sub", "sid", "exp", "iat"],
          },
        );
        const { sub, sid } = claims.parse(payload);
        const caller = await sessions.findById(sid);
        return caller?.kind === "user" && caller.userId === sub ? caller : undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}

/** Our keys are named by theirs (RFC 7638). What a stranger writes there may be anything. */
function isThumbprint(kid: unknown): kid is string {
  return typeof kid === "string" && /^[\w-]{43}$/.test(kid);
}
