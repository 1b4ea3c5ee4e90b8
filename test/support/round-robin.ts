import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

/** The one address of several services. */
export type RoundRobin = {
  readonly url: string;
  /** Each request goes to the next of them. To be set before the first request. */
  targets: readonly string[];
  /** Where requests went: method and the beginning of the path, and the target's index. */
  readonly passed: readonly { readonly path: string; readonly target: number }[];
};

/** A balancer that remembers nobody, so that two requests of one browser meet two services. */
export async function startRoundRobin(t: Pick<Test, "teardown">): Promise<RoundRobin> {
  const passed: { path: string; target: number }[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const target = passed.length % balancer.targets.length;
    passed.push({ path: `${method} ${/^\/(connect|oauth\/\w+|\w+)/.exec(url)?.[0]}`, target });
    const onward = request(new URL(url, balancer.targets[target]), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const balancer: RoundRobin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets: [],
    passed,
  };
  return balancer;
}
