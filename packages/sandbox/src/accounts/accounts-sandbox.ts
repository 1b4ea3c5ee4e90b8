/**
 * Stand-ins for all providers of accounts, made of the registry's own data: each under its host as first segment of the
 * path, which is where `PROVIDER_HOSTS_AT` leads. A definition of plain OAuth needs nothing here. What a provider does
 * besides is in tables: `grants/token-traits.ts` (its tokens), `documents/account-shapes.ts` (its ids), `refusals/` and
 * `successes.ts` (its words). Everything is in memory.
 */

import type { AccountProvider } from "@cita/providers/accounts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { HostCalls } from "../control/interception.ts";
import { type Answer, sendAnswer } from "./answer.ts";
import { accountControlRoutes } from "./control-routes.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { listEndpoints } from "./endpoints/list-endpoints.ts";
import { createCodes } from "./grants/codes.ts";
import { createGrants } from "./grants/grants.ts";
import { createHostCalls, hostRoute } from "./host-calls.ts";
import { type Incoming, toIncoming } from "./incoming.ts";
import { groupProviders } from "./provider-groups.ts";
import { AccountRefusal } from "./refusals/account-refusal.ts";
import { spellRefusal } from "./refusals/refusals.ts";
import type { StandIn } from "./stand-in.ts";

export type AccountsSandboxOptions = {
  readonly providers: readonly AccountProvider[];
  /** In epoch milliseconds. */
  readonly now: () => number;
  readonly wrongClaims: WeakMap<FastifyRequest, Readonly<Record<string, unknown>>>;
};

export type AccountsSandbox = {
  readonly routes: (app: FastifyInstance) => Promise<void>;
  /** For counting calls and for faults. */
  readonly calls: HostCalls;
};

export function createAccountsSandbox({
  providers,
  now,
  wrongClaims,
}: AccountsSandboxOptions): AccountsSandbox {
  const standIn: StandIn = {
    ...{ now, wrongClaims, groups: groupProviders(providers) },
    ...{ grants: createGrants(now), codes: createCodes(now), withoutAccount: new Set(), messages: [] },
  };
  // Most tests start a sandbox for Google alone, and need none of these.
  let listed: readonly Endpoint[] | undefined;
  const endpoints = () => {
    listed ??= listEndpoints(standIn);
    return listed;
  };
  return {
    calls: createHostCalls(standIn.grants, endpoints),
    async routes(app) {
      app.route({
        ...{ method: ["GET", "POST", "DELETE"], url: hostRoute },
        handler: async (request, reply) => sendAnswer(reply, await answer(endpoints(), toIncoming(request))),
      });
      await app.register(accountControlRoutes, standIn);
    },
  };
}

async function answer(endpoints: readonly Endpoint[], incoming: Incoming): Promise<Answer> {
  const found = endpoints.flatMap((endpoint) => {
    const urlValues = endpoint.method === incoming.method ? endpoint.readUrl(incoming.url) : undefined;
    return urlValues === undefined ? [] : [{ endpoint, urlValues }];
  });
  const meant = found.find((one) => fits(one, incoming)) ?? found[0];
  if (meant === undefined) return unknownEndpoint(incoming);
  const { endpoint, urlValues } = meant;
  try {
    return await endpoint.answer(incoming, urlValues);
  } catch (error) {
    if (!(error instanceof AccountRefusal)) throw error;
    return spellRefusal(endpoint.provider.dialect, error.kind);
  }
}

type Found = { readonly endpoint: Endpoint; readonly urlValues: Readonly<Record<string, string>> };

/** A request without its credential fits nothing better than the first. */
function fits({ endpoint, urlValues }: Found, incoming: Incoming): boolean {
  try {
    return endpoint.fits(incoming, urlValues);
  } catch {
    return false;
  }
}

function unknownEndpoint({ method, url }: Incoming): Answer {
  const message = `No provider of the sandbox has ${method} ${url}`;
  return { kind: "json", status: 404, body: { statusCode: 404, error: "Not Found", message } };
}
