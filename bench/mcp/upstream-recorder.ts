import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { type HttpRequest, send } from "../http-client.ts";

export type UpstreamRecorder = {
  readonly url: string;
  /** The requests since the last call. */
  take(): HttpRequest[];
  close(): void;
};

/**
 * A proxy between mcp-calendar and its upstream that records the requests. Sent again, with the same query and token,
 * they measure the upstream alone.
 */
export async function startUpstreamRecorder(upstreamUrl: string): Promise<UpstreamRecorder> {
  const recorded: HttpRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await readRequest(upstreamUrl, incoming);
    recorded.push(request);
    const answer = await send(request);
    outgoing.writeHead(answer.status, { "content-type": "application/json; charset=utf-8" }).end(answer.text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => recorded.splice(0),
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
