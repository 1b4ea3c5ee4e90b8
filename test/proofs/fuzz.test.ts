import { createServer, type ServerResponse } from "node:http";
import t, { type Test } from "tap";
import { fuzz } from "../support/fuzzing/fuzz.ts";
import type { Service } from "../support/fuzzing/fuzz-request.ts";
import { createGenerator, type RequestGenerator } from "../support/fuzzing/generator.ts";
import { getToKnow } from "../support/fuzzing/get-to-know.ts";
import { listRoutes } from "../support/fuzzing/routes.ts";
import { learn } from "../support/fuzzing/world-knowledge.ts";
import { createIntegrationsWorld, redirectUri } from "../support/integrations-world.ts";
import { adminKey, createWorld, serviceKey } from "../support/world.ts";

/** `npm run bench -- fuzz` sends 100,000, to processes. */
const requests = 1_400;
const seed = 7;
const aMillion = "1000000";

t.test(`${requests} mutated requests to all routes of all services`, async (t) => {
  const world = await createWorld(t, {
    now: Date.now(),
    clockRuns: true,
    cacheSeconds: 2,
    variables: {
      FAILED_KEYS_PER_MINUTE: aMillion,
      GOOGLE_USER_QUOTA: aMillion,
      GOOGLE_PROJECT_QUOTA: aMillion,
    },
  });
  const accounts = await createIntegrationsWorld(t, {
    begin: Date.now(),
    variables: {
      ...{ ADMIN_URL: world.adminUrl, ADMIN_PUBLIC_URL: world.adminUrl },
      ...{ FAILED_KEYS_PER_MINUTE: aMillion, CONSENTS_PER_MINUTE: aMillion },
    },
  });
  const urls = { calendar: world.mcpUrl, admin: world.adminUrl, integrations: accounts.url };
  const standIns = { url: accounts.sandboxUrl, redirectUri };
  const { known, tools } = await getToKnow({ urls, serviceKey, adminKey, standIns });
  const routes = await listRoutes(world.folder);
  const report = await fuzz({
    urls,
    generator: createGenerator({ seed, routes, tools, known }),
    from: 0,
    to: requests,
    atOnce: 16,
    onOutcome: ({ service }, outcome) => {
      if ("answer" in outcome) learn(known, service, outcome.answer);
    },
  });
  t.strictSame(
    report.findings.map(({ kind, index, request, detail }) => `${kind} at ${index}: ${request}\n${detail}`),
    [],
  );
  t.equal(report.sent, requests);
  const paths = routes.map(({ service, method, path }) => `${service} ${method} ${path}`);
  t.ok(paths.includes("calendar POST /mcp") && paths.includes("admin POST /v1/customer-calendars/connect"));
  t.ok(paths.includes("integrations PATCH /integrations/:id"));
  t.strictSame(
    // A HEAD's 404 doesn't say what isn't there. Each has its GET.
    paths.filter((path) => !report.reached.has(path) && !path.includes(" HEAD ")),
    [],
    "none was left out",
  );
  for (const status of [200, 303, 400, 401, 404, 415]) t.ok(report.statuses.has(status), `${status}`);
  t.strictSame(
    [...world.log, ...accounts.log].filter((line) => JSON.parse(line).level >= 50),
    [],
    "nothing failed that was answered all the same",
  );
});

/** What one request to a service is answered that does what it mustn't. */
async function findingsAbout(
  t: Test,
  answer: Parameters<typeof createServer>[1],
  service: Service = "calendar",
) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const url = `http://127.0.0.1:${port}`;
  const generator: RequestGenerator = (index) => ({
    service,
    method: "POST",
    target: "/mcp",
    headers: [
      ["Authorization", `Bearer secret-${"0123456789".repeat(2)}`],
      ...(index === 0 ? [] : [["Host", "a b"] as const]),
    ],
    body: "{}",
    route: "calendar POST /mcp",
    isValid: true,
  });
  const urls = { calendar: url, admin: url, integrations: url };
  return (await fuzz({ urls, generator, from: 0, to: 2, atOnce: 1 })).findings;
}

t.test("a service that fails is noticed", async (t) => {
  const failing = await findingsAbout(t, (_request, response) => response.writeHead(503).end("no"));
  t.match(failing, [{ kind: "server_error" }, { kind: "server_error" }]);
  t.match(failing[0], { index: 0, request: "calendar POST /mcp", detail: "503 no" });
  t.notMatch(failing[0]?.request, "secret");
  const internal = '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"oh"}}';
  t.match(await findingsAbout(t, (_, response) => response.end(internal)), [{ kind: "server_error" }, {}]);
  t.match(await findingsAbout(t, ({ socket }) => socket.destroy()), [
    { kind: "no_answer", detail: "ECONNRESET" },
    { kind: "no_answer" },
  ]);
  const stack = "Error\n    at serve (/app/main.ts:1:2)";
  t.match(await findingsAbout(t, (_, response) => response.end(stack)), [{ kind: "internals_shown" }, {}]);
  t.strictSame(await findingsAbout(t, (_, response) => response.writeHead(404).end()), []);
  const quoting = (_: unknown, response: ServerResponse) => response.end("secret-01234567890123456789");
  t.match(await findingsAbout(t, quoting), [{ kind: "key_shown" }, {}]);
  const bare = (_: unknown, response: ServerResponse) =>
    response.writeHead(404, { "content-type": "application/json" }).end('{"message":"no"}');
  t.strictSame(await findingsAbout(t, bare), []);
  t.match(await findingsAbout(t, bare, "integrations"), [{ kind: "not_enveloped" }]);
});
