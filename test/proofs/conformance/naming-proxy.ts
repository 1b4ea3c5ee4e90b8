import type { Test } from "tap";
import { forward, serveOnLoopback } from "../../support/http-proxy.ts";

/**
 * Names the customer for a client that can't: everything else of a request passes as it is.
 * @returns where it listens.
 */
export function startNamingProxy(t: Test, url: string, customerId: string): Promise<string> {
  return serveOnLoopback(t, (incoming, answer) => {
    const headers = { ...incoming.headers, "x-customer-id": customerId };
    const forwarded = forward(incoming, answer, { url: new URL(url + incoming.url), headers });
    answer.on("close", () => forwarded.destroy());
  });
}
