import type { Test } from "tap";
import { forward, serveOnLoopback } from "./http-proxy.ts";

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
  const url = await serveOnLoopback(t, (incoming, outgoing) => {
    const { method = "GET", url = "/" } = incoming;
    const target = passed.length % balancer.targets.length;
    passed.push({ path: `${method} ${/^\/(connect|oauth\/\w+|\w+)/.exec(url)?.[0]}`, target });
    forward(incoming, outgoing, { url: new URL(url, balancer.targets[target]) });
  });
  const balancer: RoundRobin = { url, targets: [], passed };
  return balancer;
}
