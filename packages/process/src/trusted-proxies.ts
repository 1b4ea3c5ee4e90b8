import { BlockList, isIP } from "node:net";
import { z } from "zod";

/** Peers whose `X-Forwarded-For` is trusted: Fastify's `trustProxy`. */
export type TrustedProxies = false | readonly string[] | ((address: string, hop: number) => boolean);

/** Names of well-known ranges in proxy-addr, which Fastify uses. */
const rangeNames = new Set(["loopback", "linklocal", "uniquelocal"]);

const maxHops = 10;

/**
 * `TRUST_PROXY`: the proxies in front, as a list of addresses, ranges or range names, or as a number of hops. Left out,
 * none is trusted, and the client's address is that of the connection.
 */
export const trustedProxies = z
  .string()
  .refine(
    (text) => isHops(text) || splitEntries(text).every(isAddressOrRange),
    `must be a number of proxies (1 to ${maxHops}), or a list of their addresses, ranges, loopback, linklocal, uniquelocal`,
  )
  .transform((text): TrustedProxies => (isHops(text) ? trustHops(Number(text)) : splitEntries(text)));

/**
 * Fastify ignores a number of hops, because whoever reaches the port directly could pretend to be a proxy. Here the
 * nearest hop has to be in a private network.
 */
function trustHops(hops: number): TrustedProxies {
  return (address, hop) => hop < hops && (hop > 0 || isPrivate(address));
}

const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
] as const) {
  privateNetworks.addSubnet(network, prefix, "ipv4");
}
privateNetworks.addAddress("::1", "ipv6");
privateNetworks.addSubnet("fc00::", 7, "ipv6");
privateNetworks.addSubnet("fe80::", 10, "ipv6");

function isPrivate(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && privateNetworks.check(address, version === 6 ? "ipv6" : "ipv4");
}

function isHops(text: string): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= maxHops;
}

function splitEntries(text: string): string[] {
  return text.split(",").map((entry) => entry.trim());
}

function isAddressOrRange(entry: string): boolean {
  if (rangeNames.has(entry)) return true;
  const [address = "", prefix, ...rest] = entry.split("/");
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (longest < 0 || rest.length > 0) return false;
  // A prefix of 0 would trust everybody.
  return prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= longest);
}
