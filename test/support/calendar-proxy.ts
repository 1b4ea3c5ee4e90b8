import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

/** What becomes of a request: its answer is lost though it was done; the proxy answers 503 itself; or it waits first. */
type Fate = "lost" | "unavailable" | { readonly waitMs: number } | undefined;

/** Stands between admin-api and the calendar service. Without a fate, requests pass. */
export type CalendarProxy = {
  /** For CALENDAR_URL. */
  readonly url: string;
  /** The calendar service; to be set before the first request. */
  target: string;
  fateOf: (method: string, path: string) => Fate;
};

export async function startCalendarProxy(t: Pick<Test, "teardown">): Promise<CalendarProxy> {
  const server = createServer(async (incoming, outgoing) => {
    const { method = "GET", url = "/" } = incoming;
    const fate = proxy.fateOf(method, url);
    if (fate === "unavailable") {
      outgoing.writeHead(503).end();
      return;
    }
    if (typeof fate === "object") await new Promise((resolve) => setTimeout(resolve, fate.waitMs));
    const onward = sendOnward(incoming, new URL(url, proxy.target));
    onward.on("error", () => outgoing.destroy());
    onward.on("response", (answer) => {
      if (fate === "lost") {
        answer.resume().on("end", () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const proxy: CalendarProxy = { url: `http://127.0.0.1:${port}`, target: "", fateOf: () => undefined };
  return proxy;
}

function sendOnward(incoming: IncomingMessage, url: URL) {
  const { method, headers } = incoming;
  const onward = request(url, { method, headers });
  incoming.pipe(onward);
  return onward;
}
