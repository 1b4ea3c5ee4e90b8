import autocannon from "autocannon";
import { percentile } from "../statistics.ts";
import type { LoadAnswer, LoadJob, LoadResult } from "./load-generator.ts";

/** Latencies are recorded here because autocannon's own are whole milliseconds. */
async function generate({ url, requests, connections, limit, successText }: LoadJob): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const failures: string[] = [];
  let clients = 0;
  const begun = performance.now();
  let lastAt = begun;

  const run = autocannon({
    url,
    method: "POST",
    connections,
    ...("seconds" in limit ? { duration: limit.seconds } : { amount: limit.calls }),
    sampleInt: 20,
    bailout: 1,
    setupClient: (client) => client.setRequests(shareOf(requests, clients++, connections)),
    verifyBody: (body) => body.includes(successText),
  });
  run.on("response", (_client, _status, _bytes, milliseconds) => {
    latenciesMs.push(milliseconds);
    lastAt = performance.now();
  });
  run.on("reqMismatch", (body) => failures.push(body.slice(0, 1_000)));
  run.on("reqError", (error) => failures.push(String(error)));

  const { errors, mismatches, non2xx } = await run;
  if (errors + mismatches + non2xx > 0) throw new Error(failures[0] ?? `${non2xx} answers were refusals`);
  return {
    perSecond: latenciesMs.length / ((lastAt - begun) / 1_000),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

/** Divides the requests among the clients: a booking must be sent once only. */
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
