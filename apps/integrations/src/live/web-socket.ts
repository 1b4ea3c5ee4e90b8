import type { WebSocket } from "@fastify/websocket";
import { type LiveConnection, toPayload, type Watched } from "./live-connection.ts";

/** Below the time after which proxies close a connection without any traffic. */
const heartbeatMs = 25_000;

/** A reader that has fallen behind by this much is dropped: it connects again, and goes on from there. */
const maxUnsentBytes = 256 * 1024;

/** RFC 6455, section 7.4.1. */
const closeCodes = { goingAway: 1001, policyViolation: 1008, internalError: 1011 } as const;

/** A WebSocket that messages are sent over, as JSON `{id, event, data}`. What comes over it is passed over. */
export function openWebSocket(socket: WebSocket, { isStillAllowed }: Watched): LiveConnection {
  const ended = new AbortController();
  let isAlive = true;
  const close = (code: number = closeCodes.goingAway) => {
    clearInterval(heartbeat);
    ended.abort();
    socket.close(code);
  };
  const heartbeat = setInterval(async () => {
    if (!isAlive) return socket.terminate();
    const isAllowed = await isStillAllowed().catch(() => undefined);
    if (ended.signal.aborted) return undefined;
    if (isAllowed === undefined) return close(closeCodes.internalError);
    if (!isAllowed) return close(closeCodes.policyViolation);
    isAlive = false;
    return socket.ping();
  }, heartbeatMs).unref();
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("close", () => {
    clearInterval(heartbeat);
    ended.abort();
  });
  // `close` follows; what broke is the network or the client.
  socket.on("error", () => socket.terminate());
  return {
    send(message) {
      if (ended.signal.aborted) return;
      socket.send(JSON.stringify(toPayload(message)));
      if (socket.bufferedAmount > maxUnsentBytes) socket.terminate();
    },
    close: () => close(),
    signal: ended.signal,
  };
}
