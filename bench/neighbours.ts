import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateFernetKey } from "@cita/token-store";
import { connectCustomer } from "./connect-customer.ts";
import { send } from "./http-client.ts";
import { tuesdayOfNextWeek } from "./mcp/fixture.ts";
import { callTool, sendMcp, successTexts } from "./mcp/mcp-call.ts";
import { temporaryFolder, untilAnswered } from "./processes.ts";
import { type Benchmark, logProgress, type Measurement } from "./report.ts";
import { launchSandbox, launchService, untilReady } from "./servers.ts";
import { median, percentile } from "./statistics.ts";

/**
 * How much later one customer's agent is answered while three agents of another customer, whose calendar is in trouble,
 * ask again and again. That nobody waits for another's calls is a proof, `test/proofs/neighbours-in-trouble.test.ts`.
 */
export const neighbours: Benchmark = { name: "neighbours", measure };

const [troubled, neighbour] = ["bench-troubled", "bench-neighbour"];
const calls = 200;
const pauseMs = 40;
const rounds = 3;
/** Until the breaker of the troubled customer has tried again, and found that all is well. */
const betweenRoundsMs = 15_000;

const troubles = {
  "calendar fails": { path: "/calendar/v3/", status: 503 },
  "calendar is silent": { path: "/calendar/v3/", latency_ms: 6_000 },
  "access can't be renewed": { path: "/token", latency_ms: 6_000 },
};

async function measure(): Promise<Measurement[]> {
  const sandbox = await launchSandbox();
  const control = async (method: string, path: string, body?: object) => {
    const headers = { "content-type": "application/json" };
    const url = `${sandbox.url}/_sandbox/${path}`;
    return send({ method, url, ...(body && { headers, body: JSON.stringify(body) }) });
  };
  await untilAnswered(sandbox.process, () => control("GET", "calls"));
  const folder = temporaryFolder();
  const service = await launchService({
    ...{ folder, encryptionKey: generateFernetKey(), googleUrl: sandbox.url },
    // Each call that fails is logged.
    logFile: join(folder, "service.log"),
    // Each question is to go to Google.
    cacheSeconds: 0,
  });
  await untilReady(service);
  for (const customer of [troubled, neighbour]) await connectCustomer(service.url, customer);
  await timesOf(service.url);

  const measurements: Measurement[] = [];
  for (const [name, fault] of Object.entries(troubles)) {
    logProgress(`neighbours: ${name}`);
    const before: number[] = [];
    const later: number[] = [];
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await sleep(betweenRoundsMs);
      const quiet = percentile(await timesOf(service.url), 0.99);
      await control("POST", "faults", { ...fault, email: `${troubled}@example.com` });
      if (fault.path === "/token") await control("POST", "expire-access-tokens");
      const stop = keepAsking(service.url);
      before.push(quiet);
      later.push(percentile(await timesOf(service.url), 0.99) - quiet);
      await control("DELETE", "faults");
      await stop();
    }
    measurements.push({
      name: `neighbour of a customer whose ${name}: p99 later by`,
      value: median(later),
      unit: "ms",
      comparison: { name: "p99 before", value: median(before) },
      target: { max: 20 },
    });
  }
  return measurements;
}

const slotsOf = (customer: string) =>
  callTool(customer, "get_available_slots", { date_iso: tuesdayOfNextWeek() });

/** @throws where the neighbour is refused. */
async function timesOf(url: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const begun = performance.now();
    await sendMcp(url, slotsOf(neighbour), successTexts.get_available_slots);
    times.push(performance.now() - begun);
    await sleep(pauseMs);
  }
  return times;
}

/** Three agents of the troubled customer, on connections of their own. @returns what stops them. */
function keepAsking(url: string): () => Promise<void> {
  let isOver = false;
  const agents = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const answer = await fetch(`${url}/mcp`, { method: "POST", ...slotsOf(troubled) });
      await answer.text();
      await sleep(pauseMs);
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(agents);
  };
}
