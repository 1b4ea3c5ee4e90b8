import t from "tap";
import { trustedProxies } from "../src/index.ts";

t.test("proxies are named by address, range or name", async (t) => {
  t.strictSame(trustedProxies.parse("loopback, 10.0.0.0/8,192.0.2.7,fd00::/8"), [
    "loopback",
    "10.0.0.0/8",
    "192.0.2.7",
    "fd00::/8",
  ]);
});

t.test("a number of hops counts only from a private network on", async (t) => {
  const trust = trustedProxies.parse("2");
  if (typeof trust !== "function") throw new TypeError("A number becomes a function.");
  for (const near of ["127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "::ffff:192.168.0.9", "fd12::1"]) {
    t.equal(trust(near, 0), true, near);
  }
  for (const near of ["203.0.113.1", "172.32.0.1", "2001:db8::1", "::ffff:203.0.113.1", "", "nonsense"]) {
    t.equal(trust(near, 0), false, near);
  }
  t.equal(trust("203.0.113.1", 1), true);
  t.equal(trust("203.0.113.1", 2), false);
});

t.test("what would trust everybody, or names nobody, is refused", async (t) => {
  const wrong = ["true", "*", "0", "11", "-1", "1.5", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/8/8"];
  for (const text of [...wrong, "", "loopback,", "proxy.example", "10.0.0"]) {
    t.equal(trustedProxies.safeParse(text).success, false, text);
  }
});
