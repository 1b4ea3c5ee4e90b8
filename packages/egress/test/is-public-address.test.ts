import t from "tap";
import { isPublicAddress } from "../src/index.ts";

/** First and last address of each network, and the public addresses on both sides of it, where there are any. */
const networks: Record<string, [before: string | null, first: string, last: string, after: string | null]> = {
  "0.0.0.0/8": [null, "0.0.0.0", "0.255.255.255", "1.0.0.0"],
  "10.0.0.0/8": ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"],
  "100.64.0.0/10": ["100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"],
  "127.0.0.0/8": ["126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"],
  "168.63.129.16/32": ["168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"],
  "169.254.0.0/16": ["169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"],
  "172.16.0.0/12": ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"],
  "192.0.0.0/24": ["191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"],
  "192.0.2.0/24": ["192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"],
  "192.88.99.0/24": ["192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"],
  "192.168.0.0/16": ["192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"],
  "198.18.0.0/15": ["198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"],
  "198.51.100.0/24": ["198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"],
  "203.0.113.0/24": ["203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"],
  "224.0.0.0/4": ["223.255.255.255", "224.0.0.0", "239.255.255.255", null],
  "240.0.0.0/4": [null, "240.0.0.0", "255.255.255.255", null],
  "::/128": [null, "::", "::", null],
  "::1/128": [null, "::1", "::1", null],
  "::/96": [null, "::2", "::ffff:ffff", null],
  "::ffff:0:0/96": [null, "::ffff:0.0.0.0", "::ffff:255.255.255.255", null],
  "64:ff9b::/96": [null, "64:ff9b::", "64:ff9b::ffff:ffff", null],
  "64:ff9b:1::/48": [null, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", null],
  "100::/64": [null, "100::", "100::ffff:ffff:ffff:ffff", null],
  "outside of 2000::/3": [null, "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", null],
  "2001::/23": [
    "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001::",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:200::",
  ],
  "2001:db8::/32": [
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::",
  ],
  "2002::/16": [
    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002::",
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2003::",
  ],
  "3fff::/20": [
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::",
  ],
  "5f00::/16": [null, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null],
  "fc00::/7": [null, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null],
  "fe80::/10": [null, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null],
  "fec0::/10": [null, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null],
  "ff00::/8": [null, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", null],
};

for (const [network, [before, first, last, after]] of Object.entries(networks)) {
  t.test(network, async (t) => {
    t.equal(isPublicAddress(first), false, `${first} is its first`);
    t.equal(isPublicAddress(last), false, `${last} is its last`);
    if (before !== null) t.equal(isPublicAddress(before), true, `${before} is before it`);
    if (after !== null) t.equal(isPublicAddress(after), true, `${after} is after it`);
  });
}

t.test("metadata of clouds", async (t) => {
  const addresses = ["169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"];
  for (const address of addresses) t.equal(isPublicAddress(address), false, address);
});

t.test("public addresses", async (t) => {
  const addresses = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "2606:4700:4700::1111",
    "2A00:1450:4001:81B::200E",
  ];
  for (const address of addresses) t.equal(isPublicAddress(address), true, address);
});

t.test("a public IPv4 address in an IPv6 address", async (t) => {
  const addresses = ["::ffff:8.8.8.8", "::ffff:808:808", "::8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::"];
  for (const address of addresses) t.equal(isPublicAddress(address), false, address);
});

t.test("what isn't an address", async (t) => {
  const texts = [
    "",
    "example.com",
    "8.8.8",
    "8.8.8.8.",
    "08.8.8.8",
    "[2606:4700::1]",
    "2606:4700::1%eth0",
    "1.1.1.1/32",
  ];
  for (const text of texts) t.equal(isPublicAddress(text), false, text);
});
