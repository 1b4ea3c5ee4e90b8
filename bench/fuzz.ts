import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import { type FuzzReport, fuzz as sendRequests } from "../test/support/fuzzing/fuzz.ts";
import { createGenerator, type RequestGenerator } from "../test/support/fuzzing/generator.ts";
import { getToKnow } from "../test/support/fuzzing/get-to-know.ts";
import { createRandom } from "../test/support/fuzzing/random.ts";
import { listRoutes, type Route } from "../test/support/fuzzing/routes.ts";
import { learn } from "../test/support/fuzzing/world-knowledge.ts";
import { sendJson } from "./http-client.ts";
import { residentMebibytes, stopAllProcesses, temporaryFolder, untilAnswered } from "./processes.ts";
import { type Benchmark, type BenchmarkOptions, type Measurement, sayProgress, toFigure } from "./report.ts";
import { adminKey, launchAdmin, launchSandbox, launchService, type Server, serviceKey } from "./servers.ts";

const withLimits = 10_000;
const warm = 20_000;
const inAll = 100_000;
const longestMinutes = 15;
const atOnce = 24;
const mostShown = 20;
/** MiB: two hundred bytes kept of each request would be more. */
const mostKept = 15;

const manyAMinute = "1000000";

/** What is limited stays out of the way, so that requests reach what is behind the doors. */
const unlimited = { FAILED_KEYS_PER_MINUTE: manyAMinute, LINK_PAGES_PER_MINUTE: manyAMinute };

/** The limits of production, with a proxy in front that many visitors come through. */
const limited = { TRUST_PROXY: "loopback", MCP_CALLS_PER_MINUTE: "1200" };

/** Mutated requests to every route of both services: none may crash them, be answered with a 5xx, or keep memory. */
export const fuzz: Benchmark = {
  name: "fuzz",
  async run(options) {
    try {
      return (await measure(options)).map(toFigure);
    } finally {
      await stopAllProcesses();
    }
  },
};

async function measure({ seed, minutes = longestMinutes }: BenchmarkOptions): Promise<Measurement[]> {
  sayProgress(`fuzz: seed ${seed} (--seed ${seed} chooses the same again)`);
  const deadline = Date.now() + minutes * 60_000;
  const sandbox = await launchSandbox();
  await untilAnswered(sandbox.process, () =>
    sendJson({ method: "GET", url: `${sandbox.url}/_sandbox/calls` }),
  );
  const routes = await listRoutes(temporaryFolder());
  const plan = { seed, routes, deadline, googleUrl: sandbox.url };

  sayProgress(`fuzz: ${withLimits} requests with the limits of production`);
  const doors = await runPart({ ...plan, from: 0, to: withLimits, variables: limited, visitors: true });
  sayProgress(`fuzz: ${inAll - withLimits} requests without`);
  const rest = await runPart({ ...plan, from: withLimits, to: inAll, variables: unlimited, visitors: false });
  return measurements([doors, rest], routes);
}

type Part = {
  seed: number;
  routes: readonly Route[];
  deadline: number;
  googleUrl: string;
  from: number;
  to: number;
  variables: Record<string, string>;
  /** Whether each request comes from somebody else, as a proxy says. */
  visitors: boolean;
};

type PartResult = FuzzReport & { seconds: number; errorLines: number; growth: Growth };

/** In MiB, since the service was warm. */
type Growth = { calendar: number; admin: number };

async function runPart({ variables, googleUrl, ...part }: Part): Promise<PartResult> {
  const folder = temporaryFolder();
  const logFile = join(folder, "log");
  const encryptionKey = generateFernetKey();
  const calendar = await launchService({ folder, encryptionKey, googleUrl, variables, logFile });
  const { MCP_CALLS_PER_MINUTE: _, LINK_PAGES_PER_MINUTE: __, ...shared } = variables;
  const admin = await launchAdmin({ folder, calendarUrl: calendar.url, variables: shared, logFile });
  for (const server of [calendar, admin]) await untilReady(server);
  const urls = { calendar: calendar.url, admin: admin.url };
  const { known, tools } = await getToKnow({ urls, serviceKey, adminKey });
  const generator = createGenerator({ seed: part.seed, routes: part.routes, tools, known });

  const resident = () => ({
    calendar: residentMebibytes(calendar.process),
    admin: residentMebibytes(admin.process),
  });
  let before = resident();
  const begun = performance.now();
  const report = await sendRequests({
    ...part,
    urls,
    generator: part.visitors ? fromManyVisitors(part.seed, generator) : generator,
    atOnce,
    onOutcome(_request, outcome, index) {
      if ("answer" in outcome) learn(known, outcome.answer);
      if (index === warm) before = resident();
      if (index % 10_000 === 0) sayProgress(`fuzz: ${index}, ${JSON.stringify(resident())} MiB`);
    },
  });
  const seconds = (performance.now() - begun) / 1_000;
  const after = resident();
  for (const server of [calendar, admin]) await untilReady(server);
  await Promise.all([calendar.process.stop(), admin.process.stop()]);
  return {
    ...report,
    seconds,
    errorLines: errorLinesOf(logFile),
    growth: { calendar: after.calendar - before.calendar, admin: after.admin - before.admin },
  };
}

async function untilReady({ url, process }: Server): Promise<void> {
  await untilAnswered(process, () => sendJson({ method: "GET", url: `${url}/ready` }));
}

function fromManyVisitors(seed: number, generator: RequestGenerator): RequestGenerator {
  return (index) => {
    const request = generator(index);
    const visitor = `203.0.113.${createRandom(seed + 1, index).below(250)}`;
    return { ...request, headers: [...request.headers, ["X-Forwarded-For", visitor]] };
  };
}

/** What the services themselves called an error: each is a request that something of ours failed at. */
function errorLinesOf(logFile: string): number {
  const lines = readFileSync(logFile, "utf8").split("\n").filter(Boolean);
  const errors = lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);
  for (const line of errors.slice(0, mostShown)) sayProgress(`fuzz: logged: ${line}`);
  return errors.length;
}

function measurements(parts: readonly PartResult[], routes: readonly Route[]): Measurement[] {
  const findings = parts.flatMap((part) => part.findings);
  for (const { kind, index, request, detail } of findings.slice(0, mostShown)) {
    sayProgress(`fuzz: ${kind} at ${index}: ${request}\n  -> ${detail}`);
  }
  const total = (of: (part: PartResult) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
  const reached = new Set(parts.flatMap((part) => [...part.reached]));
  const missed = routes.map(({ service, method, path }) => `${service} ${method} ${path}`);
  const unreached = missed.filter((route) => !reached.has(route));
  for (const route of unreached) sayProgress(`fuzz: never reached: ${route}`);
  const growth = parts.at(-1)?.growth ?? { calendar: Number.NaN, admin: Number.NaN };
  const none = { max: 0 };
  return [
    { name: "requests sent", value: total(({ sent }) => sent), unit: "", target: { min: inAll } },
    { name: "of them taken: 2xx or 3xx", value: total(taken), unit: "" },
    {
      name: "answered with a 5xx or an internal error",
      value: count("server_error"),
      unit: "",
      target: none,
    },
    { name: "reset, refused or not answered", value: count("no_answer"), unit: "", target: none },
    { name: "answers that show our insides", value: count("internals_shown"), unit: "", target: none },
    { name: "errors in the log", value: total(({ errorLines }) => errorLines), unit: "", target: none },
    { name: `of ${routes.length} routes, never reached`, value: unreached.length, unit: "", target: none },
    ...(["calendar", "admin"] as const).map((service) => ({
      name: `memory of ${service} since the ${warm / 1_000},000th request`,
      value: growth[service],
      unit: "MiB",
      target: { max: mostKept },
    })),
    { name: "requests", value: total(({ sent }) => sent) / total(({ seconds }) => seconds), unit: "/s" },
  ];
}

function taken({ statuses }: FuzzReport): number {
  return [...statuses].reduce((sum, [status, times]) => (Number(status) < 400 ? sum + times : sum), 0);
}
