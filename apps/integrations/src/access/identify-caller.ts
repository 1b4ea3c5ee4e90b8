import { createKeyCheck, type Limiter } from "@cita/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { IntegrationError } from "../answers/integration-error.ts";
import { type Caller, mayDo, type Owner, type Wanted } from "./caller.ts";
import type { PeopleApi } from "./people-api.ts";
import type { VerifyAccessToken } from "./verify-access-token.ts";

const decorator = "callerOfIntegrations";

export type FindCallerOptions = {
  readonly adminKey: string;
  readonly serviceKey: string;
  readonly verifyAccessToken: VerifyAccessToken;
};

/** Finds out who is calling by `Authorization: Bearer`; undefined: nobody that we know. */
export type FindCaller = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller | undefined>;

/** By ADMIN_API_KEY, the key between services, or a person's access token. */
export async function createFindCaller(
  app: FastifyInstance,
  { adminKey, serviceKey, verifyAccessToken }: FindCallerOptions,
): Promise<FindCaller> {
  const isAdminKey = await createKeyCheck(app, adminKey);
  const isServiceKey = await createKeyCheck(app, serviceKey);
  return async (request, reply) => {
    if ((await isAdminKey(request, reply)) || (await isServiceKey(request, reply)))
      return { kind: "program" };
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    return token === undefined ? undefined : verifyAccessToken(token);
  };
}

/** Counts who isn't known, and says what to send. @throws IntegrationError `UNAUTHORIZED`, `RATE_LIMITED` */
export async function refuseUnknown(
  failures: Limiter,
  request: FastifyRequest,
  whatToSend: string,
): Promise<never> {
  const retryAfterSeconds = await failures.take(request);
  if (retryAfterSeconds === undefined) throw new IntegrationError("UNAUTHORIZED", whatToSend);
  const message = "Too many wrong keys came from this address. Wait as long as Retry-After says.";
  throw new IntegrationError("RATE_LIMITED", message, { retryAfterSeconds });
}

export type IdentifyCallerOptions = FindCallerOptions & {
  /** Counts wrong keys and tokens. */
  readonly failures: Limiter;
};

/** Finds out who is calling each route of the scope that it is registered in. Whoever isn't known is refused. */
export const identifyCaller = fastifyPlugin<IdentifyCallerOptions>(
  async (app, options) => {
    const findCaller = await createFindCaller(app, options);
    app.decorateRequest(decorator, null);
    app.addHook("onRequest", async (request, reply) => {
      const caller = await findCaller(request, reply);
      if (caller === undefined)
        return refuseUnknown(
          options.failures,
          request,
          "Send the right key or token as Authorization: Bearer.",
        );
      request.setDecorator<Caller>(decorator, caller);
    });
  },
  { name: "identify-caller" },
);

/** The caller of a route that is guarded. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = request.getDecorator<Caller | null>(decorator);
  if (caller === null) throw new TypeError("A route that needs a caller isn't guarded.");
  return caller;
}

/** Decides about what belongs to somebody. */
export type Guard = {
  /**
   * Whoever wants to write has to be signed in still: an access token outlives its session, and what somebody who was removed
   * connects as their own would be removed by nobody.
   * @returns whether the request's caller may do it.
   * @throws IntegrationError `UNAUTHORIZED` where their session has ended, `UNAVAILABLE` where nobody can say
   */
  allows(request: FastifyRequest, wanted: Wanted, owner: Owner): Promise<boolean>;
};

export function createGuard(people: Pick<PeopleApi, "belongsTo" | "findSignedIn">): Guard {
  return {
    async allows(request, wanted, owner) {
      const caller = wanted === "write" ? await confirmCaller(people, request) : callerOf(request);
      return mayDo(caller, wanted, owner, people.belongsTo);
    },
  };
}

/** A person as they are now: from here on the request's caller has the role that they have, and not their token's. */
async function confirmCaller(
  { findSignedIn }: Pick<PeopleApi, "findSignedIn">,
  request: FastifyRequest,
): Promise<Caller> {
  const caller = callerOf(request);
  if (caller.kind === "program") return caller;
  const current = await findSignedIn({ session_id: caller.sessionId });
  if (current?.kind !== "user" || current.userId !== caller.userId)
    throw new IntegrationError("UNAUTHORIZED", "Your session has ended. Sign in again.");
  request.setDecorator<Caller>(decorator, current);
  return current;
}

/** Only the key between services passes. */
export async function requireServiceKey(app: FastifyInstance, serviceKey: string): Promise<void> {
  const isServiceKey = await createKeyCheck(app, serviceKey);
  app.addHook("onRequest", async (request, reply) => {
    if (!(await isServiceKey(request, reply)))
      throw new IntegrationError("UNAUTHORIZED", "Send the key between services as Authorization: Bearer.");
  });
}
