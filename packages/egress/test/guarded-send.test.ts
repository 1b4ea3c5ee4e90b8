import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import t from "tap";
import { createGuardedSend } from "../src/index.ts";
import { failureOf, get, limits, listen, listenRaw, openSend } from "./local-server.ts";

const allowPrivate = { allowPrivate: true };

t.test("a request is sent as it is given, and its response returned", async (t) => {
  const server = await listen(t, async (request, response) => {
    const { method, url, headers } = request;
    const body = (await request.toArray()).join("");
    response.writeHead(201, { "X-Count": "1", "Set-Cookie": ["a=1", "b=2"] });
    response.end(
      JSON.stringify({ method, url, body, key: headers["x-key"], language: headers["accept-language"] }),
    );
  });
  const { status, headers, text } = await openSend(t, allowPrivate)(
    `${server.url}/orders?a=1&b=%20#part`,
    { method: "POST", headers: { "X-Key": "k", "accept-language": "de" }, body: "größer" },
    limits,
  );
  t.equal(status, 201);
  t.equal(headers.get("x-count"), "1");
  t.equal(headers.get("X-COUNT"), "1");
  t.equal(headers.get("set-cookie"), "a=1, b=2");
  t.equal(headers.get("retry-after"), null);
  t.equal(headers.get("constructor"), null);
  t.strictSame(JSON.parse(text), {
    method: "POST",
    url: "/orders?a=1&b=%20",
    body: "größer",
    key: "k",
    language: "de",
  });
});

t.test("a body is read as UTF-8, without a byte order mark", async (t) => {
  const server = await listen(t, async (_request, response) => {
    for (const byte of Buffer.from('\uFEFF{"€":"日"}')) {
      response.write(Buffer.of(byte));
      await sleep(1);
    }
    response.end();
  });
  const { text } = await openSend(t, allowPrivate)(server.url, get, limits);
  t.strictSame(JSON.parse(text), { "€": "日" });
});

t.test("responses without a body", async (t) => {
  const server = await listen(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), {
      "content-length": request.method === "HEAD" ? 999_999 : 0,
    });
    response.end();
  });
  const send = openSend(t, allowPrivate);
  t.equal((await send(`${server.url}/200`, { ...get, method: "HEAD" }, limits)).text, "");
  for (const status of [200, 204, 304, 404, 500]) {
    const answer = await send(`${server.url}/${status}`, get, limits);
    t.strictSame([answer.status, answer.text], [status, ""]);
  }
});

t.test("one timeout is for everything", async (t) => {
  const never = await listen(t, () => undefined);
  const dripping = await listen(t, (_request, response) => {
    const timer = setInterval(() => response.write("x"), 5);
    response.on("close", () => clearInterval(timer));
  });
  const slowly = await listenRaw(t, (socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const timer = setInterval(() => socket.write("X-Drip: 1\r\n"), 5);
    socket.on("close", () => clearInterval(timer));
  });
  const informing = await listenRaw(t, (socket) => {
    const timer = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 5);
    socket.on("close", () => clearInterval(timer));
  });
  const handshake = await listenRaw(t, () => undefined);
  const send = openSend(t, allowPrivate);
  const urls = {
    "no headers": never.url,
    "headers that drip": slowly.url,
    "interim responses": informing.url,
    "a body that drips": dripping.url,
    "no TLS handshake": handshake.url.replace("http:", "https:"),
  };
  for (const [what, url] of Object.entries(urls)) {
    const begun = performance.now();
    const error = await failureOf(send(url, get, { ...limits, timeoutMs: 60 }));
    const tookMs = performance.now() - begun;
    t.strictSame([error.code, error.message], ["timed_out", "127.0.0.1 didn't respond in time"], what);
    t.ok(tookMs < 1_000, `${what}: ${tookMs.toFixed()} ms`);
  }
});

t.test("a body is read up to its limit", async (t) => {
  const server = await listen(t, (request, response) => {
    const size = Number(request.headers["x-size"]);
    if (request.url === "/sized") response.setHeader("content-length", size);
    response.end("x".repeat(size));
  });
  const send = openSend(t, allowPrivate);
  const maxBytes = 1_000;
  for (const path of ["/sized", "/chunked"]) {
    const sendSize = (size: number) =>
      send(server.url + path, { ...get, headers: { "x-size": String(size) } }, { ...limits, maxBytes });
    t.equal((await sendSize(maxBytes)).text.length, maxBytes);
    const { code, message } = await failureOf(sendSize(maxBytes + 1));
    t.strictSame([code, message], ["too_long", "the response of 127.0.0.1 is longer than 1000 bytes"]);
  }
});

t.test("a body without an end is ended", async (t) => {
  let sent = 0;
  const closed = Promise.withResolvers<void>();
  const server = await listen(t, (_request, response) => {
    response.on("close", closed.resolve);
    const sendMore = () => {
      do sent += 65_536;
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", sendMore);
    sendMore();
  });
  t.equal((await failureOf(openSend(t, allowPrivate)(server.url, get, limits))).code, "too_long");
  await closed.promise;
  t.ok(sent < 20_000_000, `${sent} bytes were sent`);
});

t.test("a compressed body is neither asked for nor decompressed", async (t) => {
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  const asked: unknown[] = [];
  const server = await listen(t, ({ headers }, response) => {
    asked.push(headers["accept-encoding"]);
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  const send = openSend(t, allowPrivate);
  const headers = { "Accept-Encoding": "gzip, br" };
  const { text, headers: received } = await send(server.url, { ...get, headers }, limits);
  t.ok(text.length <= bomb.length, `${text.length} of ${bomb.length}`);
  t.equal(received.get("content-encoding"), "gzip");
  await send(server.url, get, limits);
  t.strictSame(asked, ["identity", "identity"]);
});

t.test("headers of a response are bounded", async (t) => {
  const server = await listenRaw(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${"X-Many: 0123456789\r\n".repeat(2_000)}Content-Length: 0\r\n\r\n`);
  });
  const error = await failureOf(openSend(t, allowPrivate)(server.url, get, limits));
  t.strictSame([error.code, error.message], ["too_long", "the response of 127.0.0.1 has too many headers"]);
});

t.test("a host that hangs up or doesn't speak HTTP is unreachable", async (t) => {
  const answers: Record<string, string> = {
    "says nothing": "",
    "ends within the headers": "HTTP/1.1 200 OK\r\nContent-",
    "ends within the body": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun",
    "ends within a chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nbegun",
    "speaks SMTP": "220 mail.example ESMTP\r\n",
    "upgrades unasked": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "says its length twice": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
  };
  const send = openSend(t, allowPrivate);
  for (const [what, answer] of Object.entries(answers)) {
    const server = await listenRaw(t, (socket) => socket.once("data", () => socket.end(answer)));
    const error = await failureOf(send(server.url, get, limits));
    t.strictSame([error.code, error.message], ["unreachable", "127.0.0.1 gave no complete response"], what);
    t.ok(error.cause instanceof Error, what);
  }
  const resetting = await listenRaw(t, (socket) => socket.once("data", () => socket.resetAndDestroy()));
  t.equal((await failureOf(send(resetting.url, get, limits))).code, "unreachable", "resets");
  const plain = await listen(t, (_request, response) => response.end());
  const tls = await failureOf(send(plain.url.replace("http:", "https:"), get, limits));
  t.equal(tls.code, "unreachable", "doesn't speak TLS");
});

t.test("nothing can be added to a request by its method or headers", async (t) => {
  let requests = 0;
  const server = await listen(t, (_request, response) => {
    requests++;
    response.end();
  });
  const send = openSend(t, allowPrivate);
  const injected: Record<string, typeof get> = {
    "a line in a value": { ...get, headers: { "x-key": "hidden\r\nX-Admin: 1" } },
    "a newline alone": { ...get, headers: { "x-key": "hidden\nX-Admin: 1" } },
    "a null byte": { ...get, headers: { "x-key": "hidden\0" } },
    "a character beyond Latin 1": { ...get, headers: { "x-key": "hidden\u010A" } },
    "a line in a name": { ...get, headers: { "x-key: 1\r\nx-hidden": "1" } },
    "an empty name": { ...get, headers: { "": "hidden" } },
    "a line in the method": { ...get, method: "GET / HTTP/1.1\r\nX-Hidden: 1\r\n\r\nGET" },
    "a tunnel": { ...get, method: "CONNECT" },
    "another host": { ...get, headers: { Host: "hidden.example" } },
    "another length": { method: "POST", headers: { "Content-Length": "1" }, body: "hidden" },
    "another framing": {
      method: "POST",
      headers: { "Transfer-Encoding": "chunked" },
      body: "0\r\n\r\nGET /hidden",
    },
    "an upgrade": { ...get, headers: { upgrade: "h2c", connection: "upgrade" } },
    "an expectation": { method: "POST", headers: { expect: "100-continue" }, body: "hidden" },
  };
  for (const [what, request] of Object.entries(injected)) {
    const error = await failureOf(send(server.url, request, limits));
    t.equal(error.code, "request_refused", what);
    t.notMatch(inspect(error, { depth: 10 }).replace(/\n\s+at .*/g, ""), /hidden/i, what);
  }
  t.equal(requests, 0);
});

t.test("a path can't end the line that it is in", async (t) => {
  const paths: unknown[] = [];
  const server = await listen(t, ({ url }, response) => {
    paths.push(url);
    response.end();
  });
  await openSend(t, allowPrivate)(`${server.url}/a\r\nb c?d\te f\u2028`, get, limits);
  t.strictSame(paths, ["/ab%20c?de%20f%E2%80%A8"]);
});

t.test("an error says no secret", async (t) => {
  const closed = await listenRaw(t, (socket) => socket.once("data", () => socket.destroy()));
  const slow = await listen(t, () => undefined);
  const long = await listen(t, (_request, response) => response.end("hidden".repeat(100)));
  const request = {
    method: "POST",
    headers: { authorization: "Bearer hidden", "x-hidden": "1" },
    body: "hidden",
  };
  const send = openSend(t, allowPrivate);
  for (const { url } of [closed, slow, long]) {
    const error = await failureOf(send(`${url}/hidden?key=hidden`, request, { timeoutMs: 50, maxBytes: 50 }));
    t.notMatch(inspect(error, { depth: 10, showHidden: true }), /hidden/i, error.code);
  }
});

t.test("connections are kept, and few to one host", async (t) => {
  const server = await listen(t, async (_request, response) => {
    await sleep(10);
    response.end();
  });
  const other = await listen(t, (_request, response) => response.end());
  let lookups = 0;
  const lookup = async () => {
    lookups++;
    return [{ address: "127.0.0.1", family: 4 }];
  };
  const send = openSend(t, { allowPrivate: true, lookup });
  const url = `http://shop.example:${server.port}/`;
  await send(url, get, limits);
  // undici reuses a connection from the next turn of the event loop on.
  await sleep(5);
  await send(url, get, limits);
  t.strictSame([server.connections(), lookups], [1, 1], "one after the other");
  const many = Promise.all(Array.from({ length: 50 }, () => send(url, get, limits)));
  await send(other.url, get, limits);
  t.strictSame(new Set((await many).map(({ status }) => status)), new Set([200]));
  t.equal(server.connections(), 10, "at once");
});

t.test("a host that doesn't respond holds its own requests only", async (t) => {
  const slow = await listen(t, () => undefined);
  const quick = await listen(t, (_request, response) => response.end());
  const send = openSend(t, allowPrivate);
  const waiting = Array.from({ length: 40 }, () =>
    failureOf(send(slow.url, get, { ...limits, timeoutMs: 100 })),
  );
  t.equal((await send(quick.url, get, limits)).status, 200);
  t.strictSame(new Set((await Promise.all(waiting)).map(({ code }) => code)), new Set(["timed_out"]));
});

t.test("closing ends what is under way", async (t) => {
  const server = await listen(t, () => undefined);
  const { send, close } = createGuardedSend(allowPrivate);
  const waiting = failureOf(send(server.url, get, limits));
  await sleep(20);
  await close();
  await close();
  t.equal((await waiting).code, "unreachable");
  t.equal((await failureOf(send(server.url, get, limits))).code, "unreachable");
});
