import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathOf, temporaryFolder } from "../processes.ts";
import { type Benchmark, logProgress, type Measurement } from "../report.ts";
import { median } from "../statistics.ts";

/** `cita-calendar` as a desktop client runs it: one file, a new process for each session. */
export const stdio: Benchmark = {
  name: "stdio",
  async measure() {
    logProgress("stdio: bundling");
    const folder = temporaryFolder();
    execFileSync(process.execPath, [pathOf("scripts/bundle-stdio.ts"), folder], { stdio: "ignore" });
    logProgress("stdio: start");
    return [await measureStart(join(folder, "cita-calendar.js"), folder)];
  },
};

const rounds = 11;

/** The two are started alternately, so that other programs slow down both alike. */
async function measureStart(bundle: string, home: string): Promise<Measurement> {
  const bareServer = pathOf("bench/stdio/bare-stdio-server.ts");
  // The first start makes the database and the key.
  await measureStartTime(bundle, home);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measureStartTime(bundle, home));
    bare.push(await measureStartTime(bareServer, home));
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

async function measureStartTime(script: string, home: string): Promise<number> {
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
  if (!first?.answer.includes('"serverInfo"')) throw new Error(`${script} didn't answer with serverInfo.`);
  return first.at - begun;
}
