import { send } from "../http-client.ts";
import type { Measurement } from "../report.ts";
import { median } from "../statistics.ts";
import type { Fixture } from "./fixture.ts";
import { sendMcp, successTexts } from "./mcp-call.ts";

const warmUpPairs = 400;
const rounds = 5;
const pairsPerRound = 150;

/**
 * The time of a slots call without that of its upstream. One client alternates between the service and the upstream,
 * to which it sends the requests that the service makes, so that other programs slow down both alike.
 */
export async function measureOwnTime(fixture: Fixture, serviceUrl: string): Promise<Measurement[]> {
  await measurePairs(fixture, serviceUrl, warmUpPairs);
  const results: { total: number; upstream: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    results.push(await measurePairs(fixture, serviceUrl, pairsPerRound));
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

async function measurePairs({ slotsCall, slotsUpstream }: Fixture, serviceUrl: string, pairs: number) {
  const total: number[] = [];
  const upstream: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    total.push(await timeOf(() => sendMcp(serviceUrl, slotsCall, successTexts.get_available_slots)));
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
