import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import fastify from "fastify";
import t from "tap";
import { answerHeaders, createLimiter, serverOptions } from "../src/index.ts";

t.test("https is asked for where the service is reached by it", async (t) => {
  for (const [publicUrl, expected] of [
    ["https://cita.example", "max-age=31536000"],
    ["http://localhost:60000", undefined],
  ] as const) {
    const app = fastify(serverOptions(false));
    await app.register(answerHeaders, { publicUrl });
    app.get("/", () => ({}));
    const { headers } = await app.inject("/");
    t.equal(headers["strict-transport-security"], expected);
  }
});

t.test("a header that an answer has set itself stays", async (t) => {
  const app = fastify(serverOptions(false));
  await app.register(answerHeaders, { publicUrl: "http://localhost" });
  app.get("/", (_request, reply) => reply.header("cache-control", "max-age=60").send({}));
  t.equal((await app.inject("/")).headers["cache-control"], "max-age=60");
});

t.test("a request that is answered while the service stops holds it up no longer", async (t) => {
  const app = fastify(serverOptions(false));
  await app.register(answerHeaders, { publicUrl: "http://localhost" });
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: stopping, resolve: stop } = Promise.withResolvers<void>();
  app.get("/", async () => {
    begin();
    await stopping;
    return { answered: true };
  });
  app.addHook("preClose", async () => stop());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const client = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  t.teardown(() => client.destroy());
  client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await begun;
  const closed = app.close();
  const answer = await text(client);
  await closed;
  t.match(answer, /\r\nconnection: close\r\n/i);
  t.match(answer, '{"answered":true}');
});

const promptly = { timeout: 20_000 };

t.test("nor does one whose answer has begun before, and ends while it stops", promptly, async (t) => {
  const app = fastify(serverOptions(false));
  await app.register(answerHeaders, { publicUrl: "http://localhost" });
  const body = new PassThrough();
  app.get("/", (_request, reply) => reply.send(body));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  // Many clients leave their half of an idle connection open.
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.teardown(() => client.destroy());
  client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  body.write("first");
  await once(client, "readable");
  const closed = app.close();
  // Until the connections without a request have been closed.
  await sleep(100);
  body.end("last");
  t.match(await text(client), /\r\nconnection: keep-alive\r\n.*first.*last/is);
  await closed;
});

t.test("a limiter remembers so many callers and no more, and each by a short name", async (t) => {
  const app = fastify(serverOptions(false));
  const limiter = createLimiter({
    name: "asking",
    perMinute: 1,
    callerOf: ({ headers }) => String(headers["x-caller"]),
  });
  app.get("/", async (request) => ({ wait: await limiter.take(request) }));
  const ask = async (caller: string) =>
    (await app.inject({ url: "/", headers: { "x-caller": caller } })).json<{ wait?: number }>();

  t.match(await ask("first"), { wait: undefined });
  t.match(await ask("first"), { wait: Number });
  const long = "x".repeat(64);
  t.equal((await ask(`${long}1`)).wait, undefined);
  t.type((await ask(`${long}2`)).wait, "number", "what comes after 64 characters doesn't make another");
  for (let i = 0; i < 5_000; i++) await ask(`caller ${i}`);
  t.equal((await ask("first")).wait, undefined, "whoever was seen longest ago is forgotten");
});

t.test("an id that a caller gives is kept where it is one, and made where it isn't", async (t) => {
  const app = fastify(serverOptions(false));
  app.get("/", (request) => ({ id: request.id }));
  const idOf = async (given: string) =>
    (await app.inject({ url: "/", headers: { "x-request-id": given } })).json<{ id: string }>().id;
  t.equal(await idOf("01JD8W5Z6Y7X8W9V0T1S2R3Q4P"), "01JD8W5Z6Y7X8W9V0T1S2R3Q4P");
  for (const odd of ["", "1234567", "a b c d e f", "x".repeat(65), '"},{"level":60']) {
    t.match(await idOf(odd), /^[0-9a-f]{8}-[0-9a-f]{4}-4/, odd);
  }
});

t.test("what isn't HTTP is refused in the shape of all errors, and the connection closed", async (t) => {
  const quick = { headersTimeout: 800, connectionsCheckingInterval: 50 };
  const app = fastify({ ...serverOptions(false), requestTimeout: 800, http: quick });
  t.teardown(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const send = async (bytes: string) => {
    const socket = connect(port, "127.0.0.1");
    t.teardown(() => socket.destroy());
    socket.write(bytes);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    return { head, body: JSON.parse(body) };
  };
  const start = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  const cases: [bytes: string, statusCode: number, code: string][] = [
    [`${start}no colon\r\n\r\n`, 400, "invalid_http"],
    ["\x16\x03\x01\x02", 400, "invalid_http"],
    [`${start}X: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    [start, 408, "request_timeout"],
  ];
  for (const [bytes, statusCode, code] of cases) {
    const { head, body } = await send(bytes);
    t.match(head, new RegExp(`^HTTP/1\\.1 ${statusCode} \\w+[^]*\\r\\nConnection: close\\r\\n`));
    t.match(body, { statusCode, code, error: /^\w+ /, message: String });
  }

  const gone = connect(port, "127.0.0.1");
  await once(gone, "connect");
  gone.write(start);
  gone.resetAndDestroy();
  t.match(await send(`${start}no colon\r\n\r\n`), { body: { code: "invalid_http" } }, "it goes on");
});
