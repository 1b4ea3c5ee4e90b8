import { BlockList, isIP } from "node:net";

/**
 * IPv4 networks that IANA's registry doesn't call globally reachable, multicast, and one that a cloud keeps for itself.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const specialIPv4 = listNetworks("ipv4", [
  // "This network", RFC 791. Linux connects 0.0.0.0 to itself.
  ["0.0.0.0", 8],
  // Private, RFC 1918.
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  // Shared by the customers of a carrier, RFC 6598. 100.100.100.200 is Alibaba Cloud's metadata.
  ["100.64.0.0", 10],
  // Loopback, RFC 1122.
  ["127.0.0.0", 8],
  // Link-local, RFC 3927. 169.254.169.254 is the metadata of most clouds.
  ["169.254.0.0", 16],
  // Protocol assignments, RFC 6890. 192.0.0.192 is Oracle Cloud's metadata.
  ["192.0.0.0", 24],
  // Documentation, RFC 5737.
  ["192.0.2.0", 24],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  // 6to4 relays, RFC 7526.
  ["192.88.99.0", 24],
  // Benchmarks, RFC 2544.
  ["198.18.0.0", 15],
  // Multicast, RFC 5771.
  ["224.0.0.0", 4],
  // Reserved, RFC 1112, with the broadcast address.
  ["240.0.0.0", 4],
  // Azure's own services to a virtual machine. The address is public, and is never routed outside of Azure.
  ["168.63.129.16", 32],
]);

/**
 * All global unicast addresses are from this network, so that what is outside of it needn't be listed: loopback,
 * IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard-only (100::/64), segment routing
 * (5f00::/16), unique local (fc00::/7), link-local (fe80::/10), site-local (fec0::/10), multicast (ff00::/8), and what
 * may be assigned later.
 * @see https://www.iana.org/assignments/ipv6-address-space
 */
const globalUnicastIPv6 = listNetworks("ipv6", [["2000::", 3]]);

/** @see https://www.iana.org/assignments/iana-ipv6-special-registry */
const specialIPv6 = listNetworks("ipv6", [
  // Protocol assignments, RFC 2928, with Teredo (2001::/32), which carries an IPv4 address.
  ["2001::", 23],
  // Documentation, RFC 3849 and RFC 9637.
  ["2001:db8::", 32],
  ["3fff::", 20],
  // 6to4, RFC 3056, which carries an IPv4 address.
  ["2002::", 16],
]);

/**
 * Whether an address is one of the public internet. An IPv6 address that carries an IPv4 address never is: a gateway
 * would lead to the IPv4 address, and no public host has to be reached like that.
 * @param address in the form that `net.isIP` recognizes, without brackets. Any other text is no public address.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialIPv4.check(address, "ipv4");
    case 6:
      // A zone (`%eth0`) is for addresses of a link alone, RFC 4007.
      if (address.includes("%")) return false;
      return globalUnicastIPv6.check(address, "ipv6") && !specialIPv6.check(address, "ipv6");
    default:
      return false;
  }
}

/** A list for each family, because a `BlockList` takes an IPv4 address and its IPv4-mapped IPv6 address for one. */
function listNetworks(
  family: "ipv4" | "ipv6",
  networks: readonly (readonly [network: string, prefix: number])[],
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
}
