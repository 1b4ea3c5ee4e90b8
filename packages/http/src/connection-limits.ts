import type { Socket } from "node:net";
import fastifyPlugin from "fastify-plugin";

/**
 * Clients of today send one request before they have read its answer. Node stops reading a connection whose answers
 * pile up, but serves what it has read by then: 64 KiB hold a thousand pipelined requests.
 */
const maxRequestsAtOnce = 16;

/** Ends a connection over which more requests came than a client can be waiting for. */
export const connectionLimits = fastifyPlugin(
  async (app) => {
    const waiting = new WeakMap<Socket, number>();
    app.addHook("onRequest", (request, reply, done) => {
      const { socket } = request.raw;
      const count = (waiting.get(socket) ?? 0) + 1;
      waiting.set(socket, count);
      if (count <= maxRequestsAtOnce) {
        // Requests that were read together count together, however quickly each is answered: Node runs microtasks
        // between them, so an answer may be complete before the next request of the same 64 KiB arrives here.
        const release = () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
        reply.raw.once("close", () => setImmediate(release));
        done();
        return;
      }
      // Without `done` the request goes no further; the requests that were read with it arrive here too.
      reply.hijack();
      socket.destroy();
    });
  },
  { name: "connection-limits" },
);
