import { findNul, type Limiter, refuseKey } from "@cita/http";
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { CustomerNotFoundError } from "../customers/customer-store.ts";
import type { MembershipStore } from "../people/membership-store.ts";
import { type Action, type Caller, mayDo } from "./caller.ts";
import { CrossSiteRequestError, csrfField, hasCsrfToken, isSafe, isSameOrigin, senderField } from "./csrf.ts";

/** What a route is for. `public`: anybody may call it. */
export type Access =
  | "public"
  | {
      readonly action: Action;
      /** Where the id of the customer stands that it is about, as `customer_id`. */
      readonly customer?: "params";
    };

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route has it, but for those of libraries and of `publicRoutes`. */
    access?: Access;
    /** Answered with a page, or a part of one, and not with data. */
    isPage?: boolean;
  }
}

/** The caller's role doesn't allow it. */
export class ForbiddenError extends Error {
  override readonly name = "ForbiddenError";
  readonly code = "forbidden";
  readonly statusCode = 403;
  constructor() {
    super("Your role doesn't allow this.");
  }
}

/** A route doesn't say who may call it. */
export class UnguardedRouteError extends Error {
  override readonly name = "UnguardedRouteError";
  constructor({ method, url }: Pick<RouteOptions, "method" | "url">) {
    super(`${String(method)} ${url} declares no access.`);
  }
}

type AnswerInstead = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

export type GuardRoutesOptions = {
  readonly publicUrl: string;
  readonly memberships: Pick<MembershipStore, "belongsTo">;
  /** Counts requests without a right key. */
  readonly failures: Limiter;
  /** Answers a request of nobody instead, such as a page that leads to signing in; undefined: it doesn't. */
  readonly answerNobody?: AnswerInstead;
  /** Answers a form instead that comes from here, with a session, but without its token; undefined: it is refused. */
  readonly answerStaleForm?: AnswerInstead;
};

/** No id is a dot segment, which would name another path of the calendar service, or has U+0000, which no query may have. */
function isNoId(id: unknown): boolean {
  return id === "." || id === ".." || findNul(id) !== undefined;
}

const formType = /^(?:application\/x-www-form-urlencoded|multipart\/)/i;

/** Routes of other plugins that anybody may call, or that have a guard of their own. */
const publicRoutes = /^\/(?:health|ready|metrics|docs(?:\/.*)?)$/;

/**
 * Asks of every route whether the caller may call it. A route that doesn't say what it is for is refused when the app is
 * built. A customer that isn't the caller's is answered as if it weren't there, so that ids can't be guessed.
 */
export const guardRoutes = fastifyPlugin<GuardRoutesOptions>(
  async (app, { publicUrl, memberships, failures, answerNobody, answerStaleForm }) => {
    const { origin } = new URL(publicUrl);

    app.addHook("onRoute", (route) => {
      if (route.config?.access === undefined && !publicRoutes.test(route.url))
        throw new UnguardedRouteError(route);
    });

    async function isTheirs(caller: Caller, access: Access, params: unknown): Promise<boolean> {
      if (access === "public" || access.customer === undefined) return true;
      const { customer_id: id } = params as { customer_id: string };
      if (caller.kind === "program") return true;
      if (caller.kind === "owner") return caller.customerId === id;
      return caller.role === "admin" || memberships.belongsTo(caller.userId, id);
    }

    app.addHook("onRequest", async (request, reply) => {
      const { access } = request.routeOptions.config;
      if (request.is404 || access === undefined || access === "public") return undefined;
      const { caller, params } = request;
      if (caller === null)
        return (await answerNobody?.(request, reply)) ?? refuseKey(failures, request, reply);
      if (Object.values(Object(params)).some(isNoId)) throw new CustomerNotFoundError();
      const theirs = await isTheirs(caller, access, params);
      if (!theirs) throw new CustomerNotFoundError();
      if (!mayDo(caller, access.action, theirs)) throw new ForbiddenError();
      return undefined;
    });

    // When the body is there, and before a schema sees the fields that aren't its own. A bearer isn't sent by itself.
    app.addHook("preValidation", async (request, reply) => {
      const { body, caller, isByCookie, headers } = request;
      if (request.is404 || isSafe(request) || (caller !== null && !isByCookie)) return undefined;
      const isForm = formType.test(headers["content-type"] ?? "");
      const isOfBrowser = isByCookie || isForm || headers.origin !== undefined || "sec-fetch-site" in headers;
      if (!isOfBrowser) return undefined;
      if (!isSameOrigin(request, origin)) throw new CrossSiteRequestError();
      if ((isByCookie || isForm) && !hasCsrfToken(request)) {
        const answered = await answerStaleForm?.(request, reply);
        if (answered === undefined) throw new CrossSiteRequestError();
        return answered;
      }
      if (typeof body !== "object" || body === null) return undefined;
      for (const field of [csrfField, senderField]) Reflect.deleteProperty(body, field);
      return undefined;
    });
  },
  { name: "guard-routes", dependencies: ["identify-caller"] },
);
