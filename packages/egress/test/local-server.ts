import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from "node:net";
import type { Test } from "tap";
import {
  createGuardedSend,
  EgressError,
  type GuardedSendOptions,
  type NamedHostRequest,
} from "../src/index.ts";

export type LocalServer = {
  readonly port: number;
  /** Without a trailing slash. */
  readonly url: string;
  /** How many there have been. */
  connections(): number;
};

export const get: NamedHostRequest = { method: "GET", headers: {}, body: undefined };
export const limits = { timeoutMs: 1_000, maxBytes: 65_536 };

/** A server on 127.0.0.1 that ends with the test. */
export function listen(t: Test, onRequest: RequestListener): Promise<LocalServer> {
  return start(t, createServer(onRequest));
}

/** One that needn't speak HTTP. */
export function listenRaw(t: Test, onSocket: (socket: Socket) => void): Promise<LocalServer> {
  return start(
    t,
    createSocketServer((socket) => {
      socket.on("error", () => undefined);
      // A client's end is only seen where its bytes are read.
      socket.resume();
      onSocket(socket);
    }),
  );
}

async function start(t: Test, server: Server): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, connections: () => connections };
}

export function openSend(t: Test, options: GuardedSendOptions = {}) {
  const { send, close } = createGuardedSend(options);
  t.teardown(close);
  return send;
}

/** @returns what the promise is rejected with. */
export async function failureOf(sent: Promise<unknown>): Promise<EgressError> {
  const error = await sent.then(
    () => new Error("there was a response"),
    (reason: unknown) => reason,
  );
  if (error instanceof EgressError) return error;
  throw error;
}
