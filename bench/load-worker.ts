import autocannon from "autocannon";
import type { LoadAnswer, LoadJob, LoadResult } from "./load.ts";
import { percentile } from "./statistics.ts";

/** Sends what it is told to and measures it. autocannon's own latencies are whole milliseconds: too coarse. */
async function generate({ url, requests, connections, limit, sign }: LoadJob): Promise<LoadResult> {
  const latencies: number[] = [];
  const failures: string[] = [];
  let begun = Number.POSITIVE_INFINITY;
  let ended = 0;
  let clients = 0;

  const run = autocannon({
    url,
    method: "POST",
    connections,
    ...("seconds" in limit ? { duration: limit.seconds } : { amount: limit.calls }),
    sampleInt: 20,
    bailout: 1,
    setupClient: (client) => client.setRequests(shareOf(requests, clients++, connections)),
    verifyBody: (body) => body.includes(sign),
  });
  run.on("response", (_client, _status, _bytes, milliseconds) => {
    ended = performance.now();
    begun = Math.min(begun, ended - milliseconds);
    latencies.push(milliseconds);
  });
  run.on("reqMismatch", (body) => failures.push(body.slice(0, 1_000)));
  run.on("reqError", (error) => failures.push(String(error)));

  const { errors, mismatches, non2xx } = await run;
  if (errors + mismatches + non2xx > 0) throw new Error(failures[0] ?? `${non2xx} answers were refusals`);
  return {
    calls: latencies.length,
    perSecond: (latencies.length / (ended - begun)) * 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

/** Requests are dealt out, so that none is sent twice where each may be sent only once. */
function shareOf<Request>(requests: readonly Request[], client: number, clients: number): readonly Request[] {
  return requests.length < clients ? requests : requests.filter((_, index) => index % clients === client);
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

process.on("message", (job: LoadJob) => {
  generate(job).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ failure: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
