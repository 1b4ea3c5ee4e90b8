import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import { type FuzzReport, fuzz as sendRequests } from "../test/support/fuzzing/fuzz.ts";
import type { Service } from "../test/support/fuzzing/fuzz-request.ts";
import { createGenerator, type RequestGenerator } from "../test/support/fuzzing/generator.ts";
import { getToKnow } from "../test/support/fuzzing/get-to-know.ts";
import { createRandom } from "../test/support/fuzzing/random.ts";
import { listRoutes, type Route } from "../test/support/fuzzing/routes.ts";
import { learn } from "../test/support/fuzzing/world-knowledge.ts";
import { sendJson } from "./http-client.ts";
import { residentMebibytes, temporaryFolder, untilAnswered } from "./processes.ts";
import { type Benchmark, type BenchmarkOptions, logProgress, type Measurement } from "./report.ts";
import {
  adminKey,
  launchAdmin,
  launchIntegrations,
  launchSandbox,
  launchService,
  redirectUri,
  type Server,
  serviceKey,
} from "./servers.ts";

const limitedRequests = 10_000;
const warmUpRequests = 20_000;
const totalRequests = 100_000;
const defaultMinutes = 15;
const concurrency = 24;
const maxReported = 20;
/** A leak of 200 bytes a request would exceed it. */
const maxGrowthMebibytes = 15;

const unlimitedPerMinute = "1000000";

/** Without limits most requests reach the routes. */
const unlimited = {
  ...{ FAILED_KEYS_PER_MINUTE: unlimitedPerMinute, LINK_PAGES_PER_MINUTE: unlimitedPerMinute },
  CONSENTS_PER_MINUTE: unlimitedPerMinute,
};

/** The limits of production, behind a proxy that many clients come through. */
const limited = { TRUST_PROXY: "loopback", MCP_CALLS_PER_MINUTE: "1200" };

/** Mutated requests to every route of all services: none may crash them, be answered with a 5xx, or leak memory. */
export const fuzz: Benchmark = { name: "fuzz", measure };

async function measure({ seed, minutes = defaultMinutes }: BenchmarkOptions): Promise<Measurement[]> {
  logProgress(`fuzz: seed ${seed} (--seed ${seed} repeats it)`);
  const deadline = Date.now() + minutes * 60_000;
  const sandbox = await launchSandbox();
  await untilAnswered(sandbox.process, () =>
    sendJson({ method: "GET", url: `${sandbox.url}/_sandbox/calls` }),
  );
  const routes = await listRoutes(temporaryFolder());
  const plan = { seed, routes, deadline, googleUrl: sandbox.url };

  logProgress(`fuzz: ${limitedRequests} requests with the limits of production`);
  const first = await runPart({
    ...plan,
    from: 0,
    to: limitedRequests,
    variables: limited,
    manyClients: true,
  });
  logProgress(`fuzz: ${totalRequests - limitedRequests} requests without`);
  const rest = await runPart({
    ...plan,
    from: limitedRequests,
    to: totalRequests,
    variables: unlimited,
    manyClients: false,
  });
  return toMeasurements([first, rest], routes);
}

type Part = {
  seed: number;
  routes: readonly Route[];
  deadline: number;
  googleUrl: string;
  from: number;
  to: number;
  variables: Record<string, string>;
  /** Whether the requests name different clients in `X-Forwarded-For`. */
  manyClients: boolean;
};

type PartResult = FuzzReport & { seconds: number; loggedErrors: number; growth: Growth };

/** Of resident memory, in MiB, since the request `warmUpRequests`. */
type Growth = Readonly<Record<Service, number>>;

async function runPart({ variables, googleUrl, ...part }: Part): Promise<PartResult> {
  const logFile = join(temporaryFolder(), "log");
  const servers = await launchAll({ variables, googleUrl, logFile });
  const urls = urlsOf(servers);
  const standIns = { url: googleUrl, redirectUri };
  const { known, tools } = await getToKnow({ urls, serviceKey, adminKey, standIns });
  const generator = createGenerator({ seed: part.seed, routes: part.routes, tools, known });
  const resident = () => mapServices((service) => residentMebibytes(servers[service].process));
  let before = resident();
  const begun = performance.now();
  const report = await sendRequests({
    ...part,
    urls,
    generator: part.manyClients ? fromManyClients(part.seed, generator) : generator,
    atOnce: concurrency,
    onOutcome({ service }, outcome, index) {
      if ("answer" in outcome) learn(known, service, outcome.answer);
      if (index === warmUpRequests) before = resident();
      if (index % 10_000 === 0) logProgress(`fuzz: ${index}, ${JSON.stringify(resident())} MiB`);
    },
  });
  const seconds = (performance.now() - begun) / 1_000;
  const after = resident();
  for (const server of Object.values(servers)) await untilReady(server);
  await Promise.all(Object.values(servers).map(({ process }) => process.stop()));
  const growth = mapServices((service) => after[service] - before[service]);
  return { ...report, seconds, loggedErrors: countLoggedErrors(logFile), growth };
}

const services = ["calendar", "admin", "integrations"] as const satisfies readonly Service[];

function mapServices<Value>(toValue: (service: Service) => Value): Record<Service, Value> {
  const [calendar, admin, integrations] = [toValue("calendar"), toValue("admin"), toValue("integrations")];
  return { calendar, admin, integrations };
}

const urlsOf = (servers: Readonly<Record<Service, Server>>) => mapServices((service) => servers[service].url);

async function launchAll({
  variables,
  googleUrl,
  logFile,
}: Pick<Part, "variables" | "googleUrl"> & { logFile: string }): Promise<Record<Service, Server>> {
  const folder = temporaryFolder();
  const encryptionKey = generateFernetKey();
  const { MCP_CALLS_PER_MINUTE: _, LINK_PAGES_PER_MINUTE: __, CONSENTS_PER_MINUTE, ...shared } = variables;
  const { CONSENTS_PER_MINUTE: ___, ...ofCalendar } = variables;
  const calendar = await launchService({ folder, encryptionKey, googleUrl, variables: ofCalendar, logFile });
  // One after the other: on a slow machine three that start at once take each other's time.
  await untilReady(calendar);
  const admin = await launchAdmin({ folder, calendarUrl: calendar.url, variables: shared, logFile });
  await untilReady(admin);
  const integrations = await launchIntegrations({
    ...{ folder, encryptionKey, adminUrl: admin.url, providersUrl: googleUrl, logFile },
    variables: { ...shared, ...(CONSENTS_PER_MINUTE !== undefined && { CONSENTS_PER_MINUTE }) },
  });
  await untilReady(integrations);
  return { calendar, admin, integrations };
}

async function untilReady({ url, process }: Server): Promise<void> {
  await untilAnswered(process, () => sendJson({ method: "GET", url: `${url}/ready` }));
}

function fromManyClients(seed: number, generator: RequestGenerator): RequestGenerator {
  return (index) => {
    const request = generator(index);
    const client = `203.0.113.${createRandom(seed + 1, index).below(250)}`;
    return { ...request, headers: [...request.headers, ["X-Forwarded-For", client]] };
  };
}

/** Counts what the services logged as an error: each is a fault of ours. */
function countLoggedErrors(logFile: string): number {
  const lines = readFileSync(logFile, "utf8").split("\n").filter(Boolean);
  const errors = lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);
  for (const line of errors.slice(0, maxReported)) logProgress(`fuzz: logged: ${line}`);
  return errors.length;
}

function toMeasurements(parts: readonly PartResult[], routes: readonly Route[]): Measurement[] {
  const findings = parts.flatMap((part) => part.findings);
  for (const { kind, index, request, detail } of findings.slice(0, maxReported)) {
    logProgress(`fuzz: ${kind} at ${index}: ${request}\n  -> ${detail}`);
  }
  const total = (of: (part: PartResult) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
  const reached = new Set(parts.flatMap((part) => [...part.reached]));
  const names = routes.map(({ service, method, path }) => `${service} ${method} ${path}`);
  const unreached = names.filter((route) => !reached.has(route));
  for (const route of unreached) logProgress(`fuzz: never reached: ${route}`);
  const growth = parts.at(-1)?.growth ?? mapServices(() => Number.NaN);
  const none = { max: 0 };
  return [
    { name: "requests sent", value: total(({ sent }) => sent), unit: "", target: { min: totalRequests } },
    { name: "answered with 2xx or 3xx", value: total(countSuccesses), unit: "" },
    {
      name: "answered with a 5xx or an internal error",
      value: count("server_error"),
      unit: "",
      target: none,
    },
    { name: "reset, refused or not answered", value: count("no_answer"), unit: "", target: none },
    { name: "answers that show a key", value: count("key_shown"), unit: "", target: none },
    { name: "refusals in another shape", value: count("not_enveloped"), unit: "", target: none },
    { name: "answers that show internals", value: count("internals_shown"), unit: "", target: none },
    { name: "errors in the log", value: total(({ loggedErrors }) => loggedErrors), unit: "", target: none },
    { name: `of ${routes.length} routes, never reached`, value: unreached.length, unit: "", target: none },
    ...services.map((service) => ({
      name: `memory of ${service} since the ${warmUpRequests / 1_000},000th request`,
      value: growth[service],
      unit: "MiB",
      target: { max: maxGrowthMebibytes },
    })),
    { name: "requests", value: total(({ sent }) => sent) / total(({ seconds }) => seconds), unit: "/s" },
  ];
}

function countSuccesses({ statuses }: FuzzReport): number {
  return [...statuses].reduce((sum, [status, times]) => (Number(status) < 400 ? sum + times : sum), 0);
}
