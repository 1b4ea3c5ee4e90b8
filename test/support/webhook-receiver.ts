import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import type { Lifetime } from "./world.ts";

/** What a receiver of webhooks was sent. */
export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The `webhook-id`. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
};

export type Answer = (received: Received, response: ServerResponse) => void;

export const answerWith =
  (status: number, headers: Record<string, string> = {}, body = ""): Answer =>
  (_received, response) =>
    void response.writeHead(status, headers).end(body);

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;

/** A receiver of webhooks on this machine. @param answer default: 204 */
export async function openReceiver(t: Lifetime, answer: Answer = answerWith(204)) {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let current = answer;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url: path = "", headers } = request;
    const body = Buffer.concat(chunks).toString();
    const one = { path, headers, body, id: String(headers["webhook-id"]), at: Date.now() };
    received.push(one);
    current(one, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer(next: Answer) {
      current = next;
    },
    /** Waits until there are so many. @throws where there aren't in time */
    async got(count: number, maxMs = 20_000): Promise<Received[]> {
      await until(
        `${count} deliveries, of which there are ${received.length}`,
        maxMs,
        () => received.length >= count,
      );
      return received;
    },
  };
}

/** @throws where it doesn't hold in time */
export async function until(
  what: string,
  maxMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  for (const deadline = performance.now() + maxMs; !(await holds()); await sleep(15))
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${what}`);
}

/** The body, as an independent verifier reads it. @throws where the signature isn't of this secret */
export function verify(secret: string, { headers, body }: Pick<Received, "headers" | "body">): unknown {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return new Webhook(secret).verify(body, given);
}
