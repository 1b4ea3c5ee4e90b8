/**
 * Requests to the hosts that customers name: shops, stores, instances, receivers of webhooks. Such a host must not lead
 * into the operator's own network (server-side request forgery): `check-url.ts` judges the URL, `guard-lookup.ts` the
 * addresses that its host has when the connection is made, and `is-public-address.ts` says which addresses are public.
 * Hosts that the operator or a provider's definition names need none of it, and aren't reached from here.
 */

export { checkUrl } from "./check-url.ts";
export { EgressError, type EgressErrorCode } from "./egress-error.ts";
export type { Lookup } from "./guard-lookup.ts";
export {
  createGuardedSend,
  type GuardedSend,
  type GuardedSendOptions,
  type NamedHostRequest,
  type NamedHostResponse,
  type SendLimits,
} from "./guarded-send.ts";
export { isPublicAddress } from "./is-public-address.ts";
