import type { FastifyRequest } from "fastify";
import type { Codes } from "./grants/codes.ts";
import type { Grants } from "./grants/grants.ts";
import type { ProviderGroup } from "./provider-groups.ts";

/** What all providers of the sandbox share. */
export type StandIn = {
  /** In epoch milliseconds. */
  readonly now: () => number;
  readonly groups: readonly ProviderGroup[];
  readonly grants: Grants;
  readonly codes: Codes;
  /** Providers, by their id, at which nobody has anything that could be connected. */
  readonly withoutAccount: Set<string>;
  /** What hook URLs have been sent, oldest first. */
  readonly messages: HookMessage[];
  /** Claims that a fault puts into the id_token of an answer, by its request. */
  readonly wrongClaims: WeakMap<FastifyRequest, Readonly<Record<string, unknown>>>;
};

export type HookMessage = { readonly providerId: string; readonly url: string; readonly body: unknown };
