import type { Database } from "@cita/database";
import type { EventLog } from "@cita/events";
import { AuthenticationError } from "./authentication-error.ts";
import { createPasswordSignIn } from "./password-sign-in.ts";
import type { People } from "./people.ts";
import type { Sealing } from "./sealing.ts";
import { createSecondFactor } from "./second-factor.ts";
import { createSignInThrottle } from "./sign-in-throttle.ts";
import { createAccessTokens } from "./tokens/access-tokens.ts";
import { createRefreshTokens } from "./tokens/refresh-tokens.ts";
import { createSigningKeys } from "./tokens/signing-keys.ts";
import type { User } from "./user.ts";

type Deps = {
  readonly db: Database;
  readonly events: Pick<EventLog, "transaction">;
  readonly people: People;
  readonly sealing: Sealing;
  /** Where admin-api is reached. */
  readonly issuer: string;
  readonly accessTokenSeconds: number;
  readonly now: () => number;
};

/** How people show who they are: by password and second factor, and programs of theirs by tokens. */
export function createAuthentication(deps: Deps) {
  const { db, events, people, sealing, issuer, accessTokenSeconds, now } = deps;
  const throttle = createSignInThrottle(db, sealing, now);
  const secondFactor = createSecondFactor({ db, events, sealing, now });
  const signingKeys = createSigningKeys({ db, sealing, now });
  const { users, passwords, sessions } = people;
  const refreshTokens = createRefreshTokens({ db, sealing, now });
  return {
    ...{ throttle, secondFactor, signingKeys, refreshTokens },
    accessTokens: createAccessTokens({
      ...{ keys: signingKeys, sessions, issuer, lifetimeSeconds: accessTokenSeconds, now },
    }),
    ...createPasswordSignIn({
      ...{ users, passwords, sessions, sealing, secondFactor, throttle, events, now },
    }),

    /** Uses a refresh token. @throws AuthenticationError `invalid_token` */
    async refresh(token: string): Promise<{ user: User; sessionId: string; refreshToken: string }> {
      const result = await refreshTokens.use(token);
      if (result.kind === "reused") {
        await events.transaction(async (_trx, append) => {
          await append({ customerId: null, kind: "refresh_token_reused", data: { user_id: result.userId } });
        });
      }
      if (result.kind !== "refreshed") throw new AuthenticationError({ kind: "invalid_token" });
      const caller = await sessions.findById(result.sessionId);
      const user = caller?.kind === "user" ? await users.find(caller.userId) : undefined;
      if (user === undefined) throw new AuthenticationError({ kind: "invalid_token" });
      return { user, ...result };
    },
  };
}

export type Authentication = ReturnType<typeof createAuthentication>;
