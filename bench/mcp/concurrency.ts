import { untilAnswered } from "../processes.ts";
import type { Measurement } from "../report.ts";
import { median } from "../statistics.ts";
import type { Fixture } from "./fixture.ts";
import type { LoadGenerator, LoadResult } from "./load-generator.ts";
import { sendMcp, successTexts } from "./mcp-call.ts";

const callers = 50;
/** Many short rounds, so that work of other programs during one of them doesn't become the median. */
const rounds = 5;
const seconds = 2;

/**
 * How long a slots call takes while 49 others wait, each caller sending the next call once it is answered. As in
 * production an answer of Google is used for two seconds, so that nearly all of the time is the service's own.
 */
export async function measureConcurrency(
  { slotsCall, launchService }: Fixture,
  generator: LoadGenerator,
): Promise<Measurement[]> {
  const successText = successTexts.get_available_slots;
  const { url, process } = await launchService();
  await untilAnswered(process, () => sendMcp(url, slotsCall, successText));
  const job = { url: `${url}/mcp`, connections: callers, requests: [slotsCall], successText };
  const results: LoadResult[] = [];
  for (let round = 0; round <= rounds; round++)
    results.push(await generator.run({ ...job, limit: { seconds } }));
  await process.stop();
  // The first round warms up.
  const medianOf = (key: keyof LoadResult) => median(results.slice(1).map((result) => result[key]));
  const name = `slots, ${callers} at once`;
  return [
    { name: `${name}: p50`, value: medianOf("p50Ms"), unit: "ms" },
    { name: `${name}: p99`, value: medianOf("p99Ms"), unit: "ms", target: { max: 100 } },
  ];
}
