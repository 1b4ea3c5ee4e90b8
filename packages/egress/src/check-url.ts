import { isIP } from "node:net";
import { EgressError } from "./egress-error.ts";
import { isPublicAddress } from "./is-public-address.ts";

/**
 * Ports of other protocols, whose servers may take the lines of an HTTP request for commands.
 * @see https://fetch.spec.whatwg.org/#port-blocking
 */
const badPorts: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Names of a machine or of a network of its own: RFC 6761, RFC 6762, RFC 8375, and ICANN's resolution on .internal. */
const localNames = ["localhost", "local", "internal", "home.arpa"];

/**
 * Judges what a URL says by itself. Addresses are judged here, because a connection to an address asks no look-up.
 * @param allowPrivate allows http and every host.
 * @returns the URL as WHATWG parses it, which turns every spelling of an IPv4 address into the usual one.
 * @throws EgressError url_refused, address_refused
 */
export function checkUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.parse(text);
  // A `TypeError` of `new URL` would carry the whole text, with its query.
  if (url === null) throw new EgressError("url_refused", "this isn't a URL");
  const { protocol, hostname } = url;
  if (protocol !== "https:" && !(allowPrivate && protocol === "http:")) {
    throw new EgressError("url_refused", `the URL of ${hostname || "no host"} doesn't begin with https:`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new EgressError("url_refused", `the URL of ${hostname} has credentials`);
  }
  if (badPorts.has(Number(url.port))) {
    throw new EgressError("url_refused", `port ${url.port} of ${hostname} is another protocol's`);
  }
  if (!allowPrivate && !isPublicHost(hostname)) {
    throw new EgressError("address_refused", `${hostname} isn't on the public internet`);
  }
  return url;
}

/** A name may be public; its addresses are judged when it is connected to. */
function isPublicHost(hostname: string): boolean {
  const literal = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  if (isIP(literal) !== 0) return isPublicAddress(literal);
  const labels = hostname.split(".").filter((label) => label !== "");
  return labels.length > 1 && !localNames.some((name) => `.${labels.join(".")}`.endsWith(`.${name}`));
}
