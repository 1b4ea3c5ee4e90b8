import type { Socket } from "node:net";
import fastifyPlugin from "fastify-plugin";

/**
 * Far more than clients send before they have read an answer: those of today send one. Node stops reading a
 * connection whose answers pile up, but only after what it has read already: 64 KiB hold a thousand requests.
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
        reply.raw.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
        done();
        return;
      }
      // Without `done` the request goes no further; those that were read with it come here as well.
      reply.hijack();
      socket.destroy();
    });
  },
  { name: "connection-limits" },
);
