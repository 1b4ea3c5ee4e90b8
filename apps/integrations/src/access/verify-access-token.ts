import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { z } from "zod";
import { IntegrationError } from "../answers/integration-error.ts";
import { type Caller, roles } from "./caller.ts";

const claims = z.object({ sub: z.string().min(1), role: z.enum(roles), sid: z.string().min(1) });

/** Tells whose an access token of admin-api is; undefined: it is forged, expired, or for others. */
export type VerifyAccessToken = (token: string) => Promise<Caller | undefined>;

/** @param config `issuer`: where admin-api is reached from outside. */
export function createVerifyAccessToken(config: {
  readonly adminUrl: string;
  readonly issuer: string;
  readonly now: () => number;
}): VerifyAccessToken {
  const { adminUrl, issuer, now } = config;
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", adminUrl), { timeoutDuration: 3_000 });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience: "cita", algorithms: ["EdDSA"], typ: "JWT", currentDate: new Date(now()) },
        requiredClaims: ["sub", "exp", "iat"],
      });
      const { sub: userId, role, sid: sessionId } = claims.parse(payload);
      return { kind: "user", userId, role, sessionId };
    } catch (error) {
      if (isUnreachable(error)) {
        const message = "The service that knows who you are doesn't answer. Try again in a moment.";
        throw new IntegrationError("UNAVAILABLE", message, { cause: error });
      }
      return undefined;
    }
  };
}

/** The keys couldn't be read, which says nothing about the token. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof z.ZodError) return false;
  if (!(error instanceof errors.JOSEError)) return true;
  return error instanceof errors.JWKSTimeout || error.code === "ERR_JOSE_GENERIC";
}
