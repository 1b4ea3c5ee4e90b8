import { send } from "./http-client.ts";
import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import { median } from "./statistics.ts";

const warmUpPairs = 400;
const rounds = 5;
const pairsPerRound = 150;

/**
 * What one slots call takes beyond its upstream. The same client, one request at a time, asks the
 * service and then, with the very requests the service makes, the upstream: what disturbs the one
 * disturbs the other.
 */
export async function measureOwnTime(rig: Rig, serviceUrl: string): Promise<Measurement[]> {
  await measurePairs(rig, serviceUrl, warmUpPairs);
  const results: { total: number; upstream: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    results.push(await measurePairs(rig, serviceUrl, pairsPerRound));
  }
  const upstream = {
    name: "upstream alone",
    value: median(results.map((round) => round.upstream)),
  };
  return [
    {
      name: "slots one at a time, p50",
      value: median(results.map((round) => round.total)),
      unit: "ms",
      comparison: upstream,
    },
    {
      name: "slots own time (p50 above upstream)",
      value: median(results.map((round) => round.total - round.upstream)),
      unit: "ms",
      comparison: upstream,
      target: { max: 2 },
    },
  ];
}

async function measurePairs({ slotsCall, slotsUpstream }: Rig, serviceUrl: string, pairs: number) {
  const total: number[] = [];
  const upstream: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    total.push(await timeOf(() => sendMcp(serviceUrl, slotsCall, signOfSuccess.get_available_slots)));
    upstream.push(
      await timeOf(async () => {
        for (const request of slotsUpstream) expectOk(await send(request));
      }),
    );
  }
  return { total: median(total), upstream: median(upstream) };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function expectOk({ status, text }: { status: number; text: string }): void {
  if (status !== 200) throw new Error(`The upstream answered ${status}: ${text}`);
}
