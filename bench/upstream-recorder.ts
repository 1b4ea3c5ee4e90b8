import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { type HttpRequest, send } from "./http-client.ts";

export type UpstreamRecorder = {
  readonly url: string;
  /** The requests passed on since it was last asked. */
  take(): HttpRequest[];
  close(): void;
};

/**
 * Stands between the calendar service and its upstream and writes down what is asked. Asking the same
 * again, with the same query and token, tells what the upstream alone takes.
 */
export async function startUpstreamRecorder(upstreamUrl: string): Promise<UpstreamRecorder> {
  const passed: HttpRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await readRequest(upstreamUrl, incoming);
    passed.push(request);
    const answer = await send(request);
    outgoing.writeHead(answer.status, { "content-type": "application/json; charset=utf-8" }).end(answer.text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => passed.splice(0),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readRequest(upstreamUrl: string, incoming: IncomingMessage): Promise<HttpRequest> {
  const { method = "GET", url = "/", headers } = incoming;
  const { host: _, connection: __, "transfer-encoding": ___, ...kept } = headers as Record<string, string>;
  const body = await text(incoming);
  return { method, url: `${upstreamUrl}${url}`, headers: kept, ...(body !== "" && { body }) };
}
