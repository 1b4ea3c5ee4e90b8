import type { FastifyRequest } from "fastify";
import type { RequestParams } from "../request-params.ts";

/** A request to a provider, as it would be at the provider's own host. */
export type Incoming = {
  readonly method: string;
  /** Without its query: `https://graph.facebook.com/v26.0/me`. */
  readonly url: string;
  readonly query: RequestParams;
  /** The texts of a form or of a JSON object. */
  readonly body: RequestParams;
  readonly header: (name: string) => string | undefined;
  /** As it has come. */
  readonly request: FastifyRequest;
};

export function toIncoming(request: FastifyRequest): Incoming {
  const { method, url, query, body, headers } = request;
  return {
    ...{ method, request, query: toTexts(query), body: toTexts(body) },
    url: toProviderUrl(url),
    header: (name) => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** The provider's own URL of a path that begins with its host, without the query. */
export function toProviderUrl(path: string): string {
  return `https:/${path.split("?", 1)[0]}`;
}

function toTexts(members: unknown): RequestParams {
  if (typeof members !== "object" || members === null) return {};
  const isText = (value: unknown) => typeof value === "string" || Array.isArray(value);
  return Object.fromEntries(Object.entries(members).filter(([, value]) => isText(value)));
}
