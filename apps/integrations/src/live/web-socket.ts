import { maxUnsentBytes, patienceMs, startHeartbeat } from "@cita/http";
import type { WebSocket } from "@fastify/websocket";
import type { LiveConnection, Watched } from "./live-connection.ts";

/** RFC 6455, section 7.4.1. */
const closeCodes = { goingAway: 1001, policyViolation: 1008, internalError: 1011 } as const;

/** So much may wait to be sent before it is waited for. */
const readyBelowBytes = 64 * 1024;

/**
 * A WebSocket that messages are sent over, as JSON `{id, event, data}`. `{id, event: "position"}` says from where to go on,
 * at the begin and now and then. What comes over it is passed over.
 */
export function openWebSocket(socket: WebSocket, { isStillAllowed, position }: Watched): LiveConnection {
  const ended = new AbortController();
  let isAlive = true;
  const close = (code: number = closeCodes.goingAway) => {
    stopHeartbeat();
    ended.abort();
    socket.close(code);
  };
  const write = (message: object, onSent?: () => void) => {
    if (ended.signal.aborted) return;
    socket.send(JSON.stringify(message), onSent);
    if (socket.bufferedAmount > maxUnsentBytes) socket.terminate();
  };
  const sayPosition = () => write({ id: position(), event: "position" });
  const stopHeartbeat = startHeartbeat({
    isStillAllowed,
    onBeat() {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      sayPosition();
      return socket.ping();
    },
    onEnded: () => close(closeCodes.policyViolation),
    onUnknown: () => close(closeCodes.internalError),
  });
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("close", () => {
    stopHeartbeat();
    ended.abort();
  });
  // `close` follows; what broke is the network or the client.
  socket.on("error", () => socket.terminate());
  sayPosition();
  return {
    send: ({ id, event, data }) => write({ id, event, data }),
    async ready() {
      if (socket.bufferedAmount <= readyBelowBytes || ended.signal.aborted) return;
      const sent = new Promise<void>((resolve) => write({ id: position(), event: "position" }, resolve));
      const tooLong = setTimeout(() => socket.terminate(), patienceMs);
      const left = new Promise<void>((resolve) => ended.signal.addEventListener("abort", () => resolve()));
      await Promise.race([sent, left]);
      clearTimeout(tooLong);
    },
    close: () => close(),
    signal: ended.signal,
  };
}
