import type { FastifyRequest } from "fastify";
import type { HostCalls } from "../control/interception.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import type { Grants } from "./grants/grants.ts";
import { toIncoming, toProviderUrl } from "./incoming.ts";
import { refusalForStatus } from "./refusals/refusals.ts";

/** A first segment with a dot is a host: no path of the other stand-ins begins so. */
export const hostRoute = "/:host(^[^.]+\\.[^/]+$)/*";

/** What counting and faults need to know of calls to providers' hosts. */
export function createHostCalls(grants: Grants, endpoints: () => readonly Endpoint[]): HostCalls {
  return {
    covers: (path) => /^\/[^./?]+\.[^/?]+\//.test(path),
    accountOf: (request) =>
      tokensOf(request)
        .map((token) => grants.ownerOf(token))
        .find((owner) => owner !== undefined),
    bodyFor(status, path) {
      const url = toProviderUrl(path);
      const endpoint = endpoints().find(({ readUrl }) => readUrl(url) !== undefined);
      return refusalForStatus(endpoint?.provider.dialect ?? "rfc6749", status);
    },
  };
}

/** Whatever may be a token of a request: in a header, in its query, or in its body once that is read. */
function tokensOf(request: FastifyRequest): readonly string[] {
  const { header, query, body } = toIncoming(request);
  const [, credential] = header("authorization")?.split(" ") ?? [];
  const texts = [credential, header("x-shopify-access-token"), header("access-token")];
  return [...texts, ...Object.values(query).flat(), ...Object.values(body).flat()].filter(
    (text) => text !== undefined,
  );
}
