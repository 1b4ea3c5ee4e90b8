import type { LookupAddress } from "node:dns";
import { lookup as lookupByDns } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { EgressError } from "./egress-error.ts";
import { isPublicAddress } from "./is-public-address.ts";

/** Finds all addresses of a host. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** As the machine resolves names, with its own hosts file. */
export const lookupAll: Lookup = (hostname) => lookupByDns(hostname, { all: true });

/**
 * The look-up of a socket, which connects to the addresses that it returns and asks for no others, so that a name can't
 * have another address by then.
 *
 * A host is refused for one address that isn't public, even if others are. A public host has no reason to have both,
 * and DNS rebinding has one. Whether a host works must not depend on which of its addresses is tried, either.
 */
export function guardLookup(lookup: Lookup, allowPrivate: boolean): LookupFunction {
  const findAddresses = async (hostname: string) => {
    const [first, ...others] = await lookup(hostname);
    if (first === undefined) throw new EgressError("unreachable", `${hostname} has no address`);
    const addresses = [first, ...others];
    if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
      throw new EgressError(
        "address_refused",
        `${hostname} has an address that isn't on the public internet`,
      );
    }
    return { first, addresses };
  };
  return (hostname, { all }, callback) => {
    findAddresses(hostname).then(
      ({ first, addresses }) =>
        all ? callback(null, addresses) : callback(null, first.address, first.family),
      (error) => callback(error, []),
    );
  };
}
