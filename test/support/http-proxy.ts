import { once } from "node:events";
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

/** Serves on a free port of loopback until the test has ended. @returns the URL. */
export async function serveOnLoopback(t: Pick<Test, "teardown">, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Forwarding = {
  readonly url: URL;
  /** Instead of the request's own. */
  readonly headers?: OutgoingHttpHeaders;
  /** What becomes of the answer, instead of being passed back. */
  readonly onAnswer?: (answer: IncomingMessage, outgoing: ServerResponse) => void;
};

/** Sends a request on to another server. The connection is cut where that one doesn't answer. */
export function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { url, headers = incoming.headers, onAnswer = passBack }: Forwarding,
): ClientRequest {
  const { method } = incoming;
  const onward = request(url, { method, headers }, (answer) => onAnswer(answer, outgoing));
  onward.on("error", () => outgoing.destroy());
  return incoming.pipe(onward);
}

function passBack(answer: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(outgoing);
}
