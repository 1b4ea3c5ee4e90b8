import type { LookupAddress } from "node:dns";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { failureOf, get, limits, listen, openSend } from "./local-server.ts";

/** Spellings of 127.0.0.1 that lead to it, as the test itself shows. */
const loopbackSpellings = [
  "127.0.0.1",
  "127.0.0.1.",
  "127.1",
  "127.0.1",
  "2130706433",
  "017700000001",
  "0177.0.0.1",
  "0177.0.0.01",
  "0x7f000001",
  "0X7F.1",
  "0x7f.0.0.0x1",
  "%31%32%37.0.0.1",
  "127%2e0%2E0.1",
  "１２７.０.０.１",
  "127。0。0。1",
  "⑫⑦.0.0.1",
  "[::ffff:127.0.0.1]",
  "[::FFFF:7F00:1]",
  "[0:0:0:0:0:ffff:127.0.0.1]",
];

/** Others, that needn't lead anywhere on this machine. */
const otherLiterals = [
  "0",
  "0.0.0.0",
  "[::]",
  "[::1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::127.0.0.1]",
  "[64:ff9b::127.0.0.1]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::]",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "10.0.0.1",
  "169.254.169.254",
  "0xa9fea9fe",
  "2852039166",
  "192.168.1.1",
  "255.255.255.255",
];

const localNames = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "localhost..",
  "ｌｏｃａｌｈｏｓｔ",
  "db.localhost",
  "printer.local",
  "Printer.LOCAL.",
  "metadata.google.internal",
  "nas.home.arpa",
  "home.arpa",
  "postgres",
  "postgres.",
  "kubernetes.default.svc.cluster.local",
];

/** A public address. Node fails to connect to it at once, for its family, so that no packet leaves this machine. */
const publicAddress: LookupAddress = { address: "2606:4700:4700::1111", family: 4 };
const loopback: LookupAddress = { address: "127.0.0.1", family: 4 };

t.test("an address that isn't public is refused however it is spelled", async (t) => {
  const server = await listen(t, (_request, response) => response.end("inside"));
  const [guarded, allowed] = [openSend(t), openSend(t, { allowPrivate: true })];
  for (const host of loopbackSpellings) {
    const { text } = await allowed(`http://${host}:${server.port}/`, get, limits);
    t.equal(text, "inside", `${host} leads inside where it is allowed to`);
  }
  const before = server.connections();
  for (const host of [...loopbackSpellings, ...otherLiterals]) {
    const { code } = await failureOf(guarded(`https://${host}:${server.port}/`, get, limits));
    t.equal(code, "address_refused", host);
  }
  t.equal(server.connections(), before);
});

t.test("a name of a local network is refused without a look-up", async (t) => {
  let lookups = 0;
  const lookup = async () => {
    lookups++;
    return [publicAddress];
  };
  const send = openSend(t, { lookup });
  for (const host of localNames) {
    const { code } = await failureOf(send(`https://${host}/`, get, limits));
    t.equal(code, "address_refused", host);
  }
  t.equal(lookups, 0);
});

const answers: Record<string, readonly LookupAddress[]> = {
  "a private address": [loopback],
  "a private address after a public one": [publicAddress, loopback],
  "a private address before a public one": [loopback, publicAddress],
  "a mapped address": [{ address: "::ffff:127.0.0.1", family: 6 }],
  "an address of a link": [{ address: "fe80::1%lo", family: 6 }],
  "what isn't an address": [{ address: "localhost", family: 4 }],
};

for (const [answer, addresses] of Object.entries(answers)) {
  t.test(`a name that resolves to ${answer} is refused`, async (t) => {
    const server = await listen(t, (_request, response) => response.end());
    const send = openSend(t, { lookup: async () => addresses });
    const error = await failureOf(send(`https://shop.example:${server.port}/`, get, limits));
    t.equal(error.code, "address_refused");
    t.equal(error.message, "shop.example has an address that isn't on the public internet");
    t.equal(server.connections(), 0);
  });
}

t.test("a name is judged at each connection, by the addresses that are connected to", async (t) => {
  const server = await listen(t, (_request, response) => response.end("inside"));
  const asked: string[] = [];
  const lookup = async (hostname: string) => {
    asked.push(hostname);
    return asked.length === 1 ? [publicAddress] : [loopback];
  };
  const url = `https://shop.example:${server.port}/`;
  const send = openSend(t, { lookup });
  const { code, cause } = await failureOf(send(url, get, limits));
  t.equal(code, "unreachable");
  t.match(cause, { code: "EINVAL", syscall: "connect" }, "the public address is connected to");
  t.strictSame(asked, ["shop.example"], "and nothing is looked up after the check");
  t.equal((await failureOf(send(url, get, limits))).code, "address_refused");
  t.equal(asked.length, 2);
  t.equal(server.connections(), 0);
});

t.test("a redirect is returned and not followed", async (t) => {
  const inside = await listen(t, (_request, response) => response.end("inside"));
  const outside = await listen(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { location: `${inside.url}/secret` }).end("moved");
  });
  const send = openSend(t, { allowPrivate: true });
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await send(`${outside.url}/${status}`, get, limits);
    t.equal(answer.status, status);
    t.equal(answer.headers.get("Location"), `${inside.url}/secret`);
    t.equal(answer.text, "moved");
  }
  t.equal(inside.connections(), 0);
});

t.test("a URL of another kind is refused", async (t) => {
  const urls = {
    "http://shop.example/": "the URL of shop.example doesn't begin with https:",
    "ftp://shop.example/": "the URL of shop.example doesn't begin with https:",
    "file:///etc/passwd": "the URL of no host doesn't begin with https:",
    "data:text/plain,hidden": "the URL of no host doesn't begin with https:",
    "https://user:hidden@shop.example/": "the URL of shop.example has credentials",
    "https://hidden@shop.example/": "the URL of shop.example has credentials",
    "https://shop.example:25/": "port 25 of shop.example is another protocol's",
    "https://shop.example:6667/?hidden": "port 6667 of shop.example is another protocol's",
    "https://": "this isn't a URL",
    "/hidden": "this isn't a URL",
    "https://256.256.256.256/?hidden": "this isn't a URL",
    "https://[fe80::1%25eth0]/": "this isn't a URL",
    "https://shop.example:99999/": "this isn't a URL",
  };
  const send = openSend(t);
  for (const [url, message] of Object.entries(urls)) {
    const error = await failureOf(send(url, get, limits));
    t.strictSame([error.code, error.message, error.cause], ["url_refused", message, undefined], url);
  }
});

t.test("where private hosts are allowed, the rest of the rules stays", async (t) => {
  const send = openSend(t, { allowPrivate: true });
  for (const url of ["ftp://127.0.0.1/", "http://user:key@127.0.0.1/", "http://127.0.0.1:25/"]) {
    t.equal((await failureOf(send(url, get, limits))).code, "url_refused", url);
  }
});

t.test("where private hosts are allowed, names lead to them", async (t) => {
  const server = await listen(t, (request, response) => response.end(request.headers.host));
  const send = openSend(t, { allowPrivate: true, lookup: async () => [loopback] });
  for (const host of ["receiver", "receiver.internal", "shop.example"]) {
    t.equal((await send(`http://${host}:${server.port}/`, get, limits)).text, `${host}:${server.port}`);
  }
});

t.test("a name without addresses is unreachable", async (t) => {
  const none = openSend(t, { lookup: async () => [] });
  t.equal((await failureOf(none("https://shop.example/", get, limits))).code, "unreachable");
  const cause = Object.assign(new Error("getaddrinfo ENOTFOUND shop.example"), { code: "ENOTFOUND" });
  const failing = openSend(t, { lookup: () => Promise.reject(cause) });
  const error = await failureOf(failing("https://shop.example/", get, limits));
  t.equal(error.code, "unreachable");
  t.equal(error.cause, cause);
});

t.test("a request that timed out while its name was looked up isn't sent later", async (t) => {
  let requests = 0;
  const server = await listen(t, (_request, response) => {
    requests++;
    response.end();
  });
  const { promise, resolve } = Promise.withResolvers<LookupAddress[]>();
  const send = openSend(t, { allowPrivate: true, lookup: () => promise });
  const url = `http://shop.example:${server.port}/`;
  t.equal((await failureOf(send(url, get, { ...limits, timeoutMs: 20 }))).code, "timed_out");
  resolve([loopback]);
  await sleep(50);
  t.equal(requests, 0);
  t.equal((await send(url, get, limits)).status, 200);
  t.equal(requests, 1);
});
