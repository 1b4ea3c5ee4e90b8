import { connect } from "node:net";
import { openEventStream } from "@cita/http";
import fastify from "fastify";
import t from "tap";

t.test("a reader that has fallen behind is dropped, and what it hasn't read with it", async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  const dropped = Promise.withResolvers<number>();
  app.get("/", (_request, reply) => {
    const stream = openEventStream(reply, { isStillAllowed: async () => true });
    let sent = 0;
    const sending = setInterval(() => {
      stream.send({ data: "x".repeat(65_536) });
      sent += 1;
    });
    stream.signal.addEventListener("abort", () => {
      clearInterval(sending);
      dropped.resolve(sent);
    });
  });
  const { port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
  const socket = connect({ port: Number(port), host: "127.0.0.1" });
  t.teardown(() => socket.destroy());
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const sent = await dropped.promise;
  t.ok(sent > 4, `it may fall behind a little: ${sent} messages`);
  const ended = new Promise((resolve) => {
    socket.once("close", resolve);
    socket.once("error", () => undefined);
  });
  socket.resume();
  await ended;
});

t.test("events have names, ids and lines as browsers read them", async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  app.get("/", (_request, reply) => {
    const stream = openEventStream(reply, { isStillAllowed: async () => true });
    stream.send({ event: "told", id: "7", data: "one\ntwo\r\nthree" });
    stream.send({ data: "" });
    stream.end();
    stream.send({ data: "too late" });
  });
  const { body, headers, statusCode } = await app.inject("/");
  t.equal(statusCode, 200);
  t.match(headers, { "content-type": /^text\/event-stream/, "cache-control": "no-store" });
  t.equal(
    body,
    ":\n\nevent: told\ndata: one\ndata: two\ndata: three\nid: 7\n\ndata: \n\nevent: ended\ndata:\n\n",
  );
});
