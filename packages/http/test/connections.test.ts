import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@cita/process";
import fastify, { type FastifyInstance } from "fastify";
import t, { type Test } from "tap";
import { connectionLimits, logIncomingRequests, serverOptions } from "../src/index.ts";

async function listen(t: Test, app: FastifyInstance): Promise<() => Promise<Socket>> {
  t.teardown(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return async () => {
    const socket = connect(port, "127.0.0.1");
    t.teardown(() => socket.destroy());
    await once(socket, "connect");
    return socket;
  };
}

const countConnections = ({ server }: FastifyInstance) =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

async function untilNobodyIsConnected(app: FastifyInstance): Promise<void> {
  const end = Date.now() + 5_000;
  do await sleep(20);
  while ((await countConnections(app)) > 0 && Date.now() < end);
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const post =
  "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

const floods: Record<string, [request: string, work: () => Promise<unknown>]> = {
  "that take a while": [get("/"), () => sleep(1)],
  "that are answered as they are read": [post, async () => undefined],
};

for (const [which, [request, work]] of Object.entries(floods)) {
  t.test(`a client that sends thousands of requests ${which} and never reads is cut off`, async (t) => {
    const app = fastify(serverOptions(false));
    await app.register(connectionLimits);
    let answered = 0;
    const answer = "x".repeat(20_000);
    app.route({
      method: ["GET", "POST"],
      url: "/",
      handler: async () => {
        answered++;
        await work();
        return { answer };
      },
    });
    const open = await listen(t, app);
    const flood = async (connections: number) => {
      for (let i = 0; i < connections; i++) {
        const socket = await open();
        socket.pause();
        socket.on("error", () => undefined);
        socket.write(request.repeat(5_000));
      }
      await untilNobodyIsConnected(app);
    };
    // V8 takes what it works with once.
    await flood(10);
    const before = process.memoryUsage().rss;
    await flood(30);
    const grown = (process.memoryUsage().rss - before) / 1024 / 1024 / 30;
    // About 1, and up to 5 where the collector comes late; without the limits it is more than 100.
    t.ok(grown < 10, `${grown.toFixed(1)} MiB a connection`);
    t.equal(await countConnections(app), 0, "they are cut off");
    t.ok(answered <= 16 * 40, `${answered} of 200,000 were looked at`);
  });
}

t.test("a few at once are answered in order, and as many as one likes one after the other", async (t) => {
  const app = fastify(serverOptions(false));
  await app.register(connectionLimits);
  app.get("/:n", async ({ params }) => params);
  const open = await listen(t, app);
  const socket = await open();
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes;
  });
  for (let round = 1; round <= 10; round++) {
    socket.write(Array.from({ length: 16 }, (_, n) => get(`/${round}-${n}`)).join(""));
    while (!text.includes(`"${round}-15"`)) await sleep(2);
  }
  const order = [...text.matchAll(/"n":"([\d-]+)"/g)].map(([, n]) => n);
  t.equal(order.length, 160);
  t.strictSame(order.slice(0, 3), ["1-0", "1-1", "1-2"]);
  t.equal(socket.destroyed, false);
});

t.test("a connection over which nothing moves has an end", async (t) => {
  t.equal(serverOptions(false).connectionTimeout, 60_000);
  const app = fastify({ ...serverOptions(false), connectionTimeout: 100 });
  await app.register(connectionLimits);
  app.get("/", async () => ({ answer: "x".repeat(20_000_000) }));
  const open = await listen(t, app);
  const socket = await open();
  socket.on("error", () => undefined);
  socket.write(get("/"));
  socket.pause();
  await untilNobodyIsConnected(app);
  t.equal(await countConnections(app), 0, "whoever doesn't read");
});

t.test("of refused requests ten lines a second are written, and how many more there were", async (t) => {
  const lines: {
    msg: string;
    level: number;
    left_out?: number;
    req?: object;
    res?: { statusCode: number };
  }[] = [];
  const logger = createLogger("info", { write: (line) => lines.push(JSON.parse(line)) });
  const app = fastify({ ...serverOptions(false), loggerInstance: logger });
  await app.register(logIncomingRequests);
  app.get("/kept", async () => ({}));
  app.get("/held", async () => ({}));
  app.addHook("onRequest", async (request, reply) => {
    request.isRateLimited = request.url === "/held";
    const isKnown = request.headers.authorization !== undefined || request.isRateLimited;
    return isKnown ? undefined : reply.code(401).send({});
  });
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send({}));
  app.get("/failing", async () => {
    throw new Error("no");
  });
  const key = { authorization: "x" };
  for (let i = 0; i < 300; i++) await app.inject({ url: "/kept" });
  for (let i = 0; i < 30; i++) await app.inject({ url: "/nothing", headers: key });
  for (let i = 0; i < 30; i++) await app.inject({ url: "/held" });
  for (let i = 0; i < 30; i++) await app.inject({ url: "/kept", headers: key });
  for (let i = 0; i < 30; i++) await app.inject({ url: "/failing", headers: key });
  const of = (status: number, msg: string) =>
    lines.filter((line) => line.msg === msg && line.res?.statusCode === status).length;
  t.equal(of(401, "request refused"), 10);
  t.equal(of(404, "request refused"), 10, "each status for itself");
  t.equal(of(200, "request refused"), 10, "those that are held back");
  t.equal(of(200, "request completed"), 30);
  t.equal(of(500, "request completed"), 30, "our failures all have theirs");
  t.equal(lines.filter(({ msg }) => msg === "incoming request").length, 60);
  t.match(lines.find(({ msg }) => msg === "request refused")?.req, { method: "GET", route: "/kept" });

  const end = Date.now() + 3_000;
  const rest = () => lines.filter(({ msg }) => msg === "more requests were refused");
  while (rest().length < 3 && Date.now() < end) await sleep(20);
  t.match(rest(), [
    { level: 30, res: { statusCode: 401 }, left_out: 290 },
    { res: { statusCode: 404 }, left_out: 20 },
    { res: { statusCode: 200 }, left_out: 20 },
  ]);
  await app.inject({ url: "/kept" });
  t.equal(of(401, "request refused"), 11, "in the next second there are ten again");
});
