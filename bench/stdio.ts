import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathOf, temporaryFolder } from "./processes.ts";
import { type Benchmark, type Measurement, sayProgress, toFigure } from "./report.ts";
import { median } from "./statistics.ts";

/** `cita-calendar` as a desktop program meets it: one file, started anew each time. */
export const stdio: Benchmark = {
  name: "stdio",
  async run() {
    sayProgress("stdio: bundling");
    const folder = temporaryFolder();
    execFileSync(process.execPath, [pathOf("scripts/bundle-stdio.ts"), folder], { stdio: "ignore" });
    sayProgress("stdio: start");
    return [toFigure(await measureStart(join(folder, "cita-calendar.js"), folder))];
  },
};

const rounds = 11;

/** Median times. Both are started in turn, so that what else the machine does meets them alike. */
async function measureStart(bundle: string, home: string): Promise<Measurement> {
  const bareServer = pathOf("bench/bare-stdio-server.ts");
  // The first start makes the database and the key, which happens once.
  await startTime(bundle, home);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await startTime(bundle, home));
    bare.push(await startTime(bareServer, home));
  }
  return {
    name: "start to first answer, one file",
    value: median(ours),
    unit: "ms",
    comparison: { name: "bare SDK server, one tool", value: median(bare) },
    target: { max: 500 },
  };
}

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
};

async function startTime(script: string, home: string): Promise<number> {
  const { PATH = "" } = process.env;
  const env = {
    PATH,
    HOME: home,
    XDG_DATA_HOME: home,
    GOOGLE_CLIENT_ID: "id",
    GOOGLE_CLIENT_SECRET: "secret",
  };
  const begun = performance.now();
  const child = spawn(process.execPath, [script], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  const answered = once(child.stdout, "data").then(([answer]) => ({
    answer: String(answer),
    at: performance.now(),
  }));
  const first = await Promise.race([answered, ended.then(() => undefined)]);
  child.stdin.end();
  await ended;
  if (!first?.answer.includes('"serverInfo"')) throw new Error(`${script} didn't answer as a server does.`);
  return first.at - begun;
}
