import { parseArgs } from "node:util";
import { bookings } from "./bookings/bookings.ts";
import { fuzz } from "./fuzz.ts";
import { instances } from "./instances/instances.ts";
import { integrations } from "./integrations/integrations.ts";
import { live } from "./live/live.ts";
import { mcp } from "./mcp/mcp.ts";
import { neighbours } from "./neighbours.ts";
import { panel } from "./panel/panel.ts";
import { stopAllProcesses } from "./processes.ts";
import {
  type Benchmark,
  type BenchmarkOptions,
  type Figure,
  type Report,
  toFigure,
  toJson,
  toTable,
} from "./report.ts";
import { slots } from "./slots/slots.ts";
import { soak } from "./soak/soak.ts";
import { stdio } from "./stdio/stdio.ts";
import { webhooks } from "./webhooks/webhooks.ts";

/**
 * npm run bench [-- NAME… --json --check --seed N --minutes N --peer --quick]: all benchmarks, or those named.
 * `--check` exits 1 where a target is missed; the other options are those of `BenchmarkOptions`.
 */

/** In the order they run. */
const benchmarks: readonly Benchmark[] = [
  slots,
  bookings,
  mcp,
  neighbours,
  stdio,
  instances,
  ...integrations,
  webhooks,
  live,
  panel,
  fuzz,
  soak,
];

type Options = BenchmarkOptions & { names: string[]; json: boolean; check: boolean };

async function main(): Promise<void> {
  const options = readOptions();
  if (typeof options === "string") return refuse(options);
  const chosen = benchmarks.filter(({ name }) => options.names.length === 0 || isNamed(name, options.names));
  const reports: Report[] = [];
  for (const benchmark of chosen) {
    const report = { name: benchmark.name, figures: await run(benchmark, options) };
    reports.push(report);
    if (!options.json) process.stdout.write(`${toTable(report)}\n`);
  }
  if (options.json) process.stdout.write(toJson(reports));
  const missed = reports.some(({ figures }) => figures.some(({ ok }) => !ok));
  if (options.check && missed) process.exitCode = 1;
}

async function run(benchmark: Benchmark, options: Options): Promise<Figure[]> {
  try {
    return (await benchmark.measure(options)).map(toFigure);
  } finally {
    await stopAllProcesses();
  }
}

/** A part of a benchmark, such as `integrations:storm`, is meant by its own name and by that of the whole. */
function isNamed(name: string, asked: readonly string[]): boolean {
  return asked.includes(name) || asked.includes(name.split(":")[0] ?? "");
}

/** @returns the options, or a sentence that says what is wrong with the command line. */
function readOptions(): Options | string {
  const known = benchmarks.map(({ name }) => name);
  try {
    const { values, positionals: names } = parseArgs({
      options: {
        json: { type: "boolean", default: false },
        check: { type: "boolean", default: false },
        peer: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        seed: { type: "string", default: "1" },
        minutes: { type: "string" },
      },
      allowPositionals: true,
    });
    const unknown = names.find((asked) => !known.some((name) => isNamed(name, [asked])));
    if (unknown !== undefined)
      return `There is no benchmark ${JSON.stringify(unknown)}: choose from ${known.join(", ")}.`;
    const { json, check, peer, quick } = values;
    const [seed, minutes] = [Number(values.seed), Number(values.minutes ?? Number.NaN)];
    if (!Number.isInteger(seed)) return "--seed takes a whole number.";
    if (values.minutes !== undefined && !(minutes > 0)) return "--minutes takes a number above 0.";
    return { names, json, check, peer, quick, seed, ...(minutes > 0 && { minutes }) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

// Without a listener a signal would skip the exit handlers, which stop processes and remove folders.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

try {
  await main();
} catch (error) {
  process.stderr.write(`The benchmark failed. ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
