import type { Socket } from "node:net";
import fastifyPlugin from "fastify-plugin";

/**
 * Usual clients don't pipeline requests. Node stops reading a connection whose responses pile up, but serves what it has
 * read by then: 64 KiB hold a thousand pipelined requests.
 */
const maxRequestsAtOnce = 16;

/** Closes a connection with more unanswered requests than a usual client sends. */
export const connectionLimits = fastifyPlugin(
  async (app) => {
    const waiting = new WeakMap<Socket, number>();
    app.addHook("onRequest", (request, reply, done) => {
      const { socket } = request.raw;
      const count = (waiting.get(socket) ?? 0) + 1;
      waiting.set(socket, count);
      if (count <= maxRequestsAtOnce) {
        // Released later, so that requests that were read together count together: Node runs microtasks between them,
        // and a response may be complete before the next request of the same 64 KiB arrives here.
        const release = () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
        reply.raw.once("close", () => setImmediate(release));
        done();
        return;
      }
      // Without `done` the request goes no further. The other requests that were read with it get here too.
      reply.hijack();
      socket.destroy();
    });
  },
  { name: "connection-limits" },
);
