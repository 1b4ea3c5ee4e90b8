import type { Test } from "tap";
import { type Attempt, type CalendarEndpoint, calendarEndpoints } from "./calendar-endpoints.ts";
import type { ProviderFaults, TestedProvider } from "./tested-provider.ts";
import { createWorld, type World } from "./world.ts";

/** So long that whoever asked has waited too long for a second try, as with the timeout of production. */
const timeoutMs = 2_100;

const html = "<html><body>Bad gateway</body></html>";
const json = { "content-type": "application/json" };
/** What may come instead of an answer, and has to be waited for. */
const slowFaults: Record<string, object> = {
  "no answer in time": { latency_ms: 2 * timeoutMs },
  "a body that drips": { drip_ms: 2 * timeoutMs },
};

/** What may come at once. */
const quickFaults: Record<string, object> = {
  "a reset": { drop: true },
  "a reset, once": { drop: true, times: 1 },
  "a reset, all done": { drop: "answer" },
  "a reset once, all done": { drop: "answer", times: 1 },
  "a body that breaks off": { drop: "body" },
  "too long a Content-Length": { content_length: 100_000 },
  "too short a Content-Length": { content_length: 1 },
  "200 in HTML": { status: 200, body: html },
  "200 with half its JSON": { status: 200, body: '{"kind":', headers: json },
  "200 that says nothing": { status: 200, body: {} },
  "a 400": { status: 400, body: {} },
  "a 401": { status: 401 },
  "a 401, once": { status: 401, times: 1 },
  "403 in HTML": { status: 403, body: html },
  "a 404": { status: 404 },
  "a 409": { status: 409 },
  "a 412": { status: 412 },
  "a 429": { status: 429 },
  "a 429, once": { status: 429, times: 1 },
  "429 once, for no time": { status: 429, times: 1, headers: { "retry-after": "0" } },
  "429 for 30 seconds": { status: 429, headers: { "retry-after": "30" } },
  "a 500": { status: 500 },
  "502 in HTML": { status: 502, body: html },
  "a 503": { status: 503 },
  "a 503, once": { status: 503, times: 1 },
};

/** What an agent, a browser or an admin is told, in the tables' words. */
const words: Record<string, string> = {
  calendar_unavailable: "unavailable",
  rate_limited: "limited",
  reconnect_required: "reconnect",
  "400 exchange_failed": "refused",
  "502 exchange_failed": "failed",
};

/**
 * Meets each endpoint of a table with each fault of it.
 * @param table which of the provider's tables. It names the endpoints in its first line, and a fault in each other one, with
 * what comes of it and how often the endpoint is asked: `ok 1`. Unless a cell says more, the customer is connected
 * afterwards (or disconnected, where that was asked for), what was said is so, and the next call succeeds.
 */
export function checkFaultMatrix(
  t: Test,
  provider: TestedProvider,
  table: keyof ProviderFaults["tables"],
): void {
  const quick = { ...quickFaults, ...provider.faults.own };
  const expected = readTable(provider.faults.tables[table], { ...quick, ...slowFaults });
  t.jobs = 2;
  t.test("each fault has its effect, and no other", { buffered: true }, async (t) => {
    for (const [name, cells] of expected) {
      t.test(name, async (t) =>
        compare(t, await meetAll(await createWorld(t, { provider }), name, quick, cells), cells),
      );
    }
  });
  t.test("what takes too long is given up", { buffered: true }, async (t) => {
    t.jobs = expected.length;
    for (const [name, cells] of expected) {
      t.test(name, { buffered: true }, async (t) => {
        const world = await createWorld(t, { provider, requestTimeoutMs: timeoutMs });
        compare(t, await meetAll(world, name, slowFaults, cells), cells);
      });
    }
  });
}

type EndpointName = keyof typeof calendarEndpoints;
/** By fault. */
type Cells = Record<string, string>;

function readTable(text: string, faults: Record<string, object>): [EndpointName, Cells][] {
  const lines = text.trim().split("\n");
  const [header = [], ...rows] = lines.map((line) => line.split("|").map((cell) => cell.trim()));
  const unknown = rows.map(([name = ""]) => name).filter((name) => !(name in faults));
  if (unknown.length > 0) throw new Error(`There are no faults called ${unknown.join(", ")}.`);
  return header
    .slice(1)
    .map((name, i) => [
      name as EndpointName,
      Object.fromEntries(rows.map((row) => [row[0] ?? "", row[i + 1] ?? ""])),
    ]);
}

function compare(t: Test, met: Cells, expected: Cells): void {
  for (const [fault, outcome] of Object.entries(met)) t.equal(outcome, expected[fault], fault);
}

/** Meets an endpoint with those of the faults that are expected, one after the other. */
async function meetAll(
  world: World,
  endpointName: EndpointName,
  faults: Record<string, object>,
  expected: Cells,
): Promise<Cells> {
  const endpoint = calendarEndpoints[endpointName];
  const met: Cells = {};
  let customer: string | undefined;
  for (const [week, name] of Object.keys(expected).entries()) {
    const fault = faults[name];
    if (fault === undefined) continue;
    if (customer === undefined) {
      customer = `customer-${week}`;
      await world.connected(customer);
    }
    const attempt = await endpoint.prepare(world, customer, week);
    const outcome = await meet(world, endpoint, fault, attempt);
    met[name] = outcome + (await findFlaws(world, { customer, attempt, endpoint, name, outcome }));
    // Whom the provider wants to wait is kept waiting.
    if (name.endsWith("for 30 seconds")) customer = undefined;
    else {
      const afterwards = await attempt.again();
      if (afterwards !== "ok") met[name] += `, then ${afterwards}`;
      if (afterwards === "reconnect_required") customer = undefined;
    }
  }
  return met;
}

/** @returns what came of it, and how often the endpoint was asked */
async function meet(world: World, { call }: CalendarEndpoint, fault: object, attempt: Attempt) {
  const { method, path } = world.provider.endpoints[call] ?? {};
  await world.sandbox("DELETE", "calls");
  await world.sandbox("POST", "faults", { method, path, ...fault });
  const outcome = await attempt.act();
  await world.sandbox("DELETE", "faults");
  const { by } = await world.sandbox("GET", "calls");
  const asked = Object.entries<number>(by)
    .filter(([call]) => call.startsWith(`${method} ${path}`))
    .reduce((sum, [, times]) => sum + times, 0);
  return `${words[outcome] ?? outcome} ${asked}`;
}

type Met = { customer: string; attempt: Attempt; endpoint: CalendarEndpoint; name: string; outcome: string };

/** What the fault has changed that it shouldn't have. Who has to connect again does so. */
async function findFlaws(world: World, { customer, attempt, endpoint, name, outcome }: Met): Promise<string> {
  const { body } = await world.api("GET", `/v1/customer-calendars/${customer}`);
  const isLost = outcome.startsWith("reconnect");
  let flaws = "";
  if (body.status !== (isLost ? "reconnect_required" : endpoint.leaves)) flaws += `, ${body.status}`;
  if (isLost && body.reconnect_reason !== world.provider.faults.reconnectReasons[name])
    flaws += `, ${body.reconnect_reason}`;
  if (body.status === "reconnect_required") {
    await world.consent((await world.connect(customer)).body.shareable_link);
  }
  if (!(await attempt.isTrue(outcome.startsWith("ok")))) flaws += ", which isn't so";
  return flaws;
}
