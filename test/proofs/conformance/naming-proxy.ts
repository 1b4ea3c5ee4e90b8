import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

/**
 * Names the customer for a client that can't: everything else of a request passes as it is.
 * @returns where it listens.
 */
export async function startNamingProxy(t: Test, url: string, customerId: string): Promise<string> {
  const proxy = createServer((incoming, answer) => {
    const headers = { ...incoming.headers, "x-customer-id": customerId };
    const forwarded = request(url + incoming.url, { method: incoming.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on("error", () => answer.destroy());
    answer.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
