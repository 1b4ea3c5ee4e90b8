import { createServer } from "node:http";
import { CalendarApiError, createCalendarApiClient } from "@cita/calendar-api";
import t from "tap";
import { configSchema } from "../apps/mcp-calendar/src/config.ts";
import { developmentEnvironment } from "../scripts/development-environment.ts";
import { freePort } from "./support/free-port.ts";
import { secrets } from "./support/started-services.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;

const managementPaths = [
  ["POST", "/oauth/authorize"],
  ["POST", "/connections/query"],
  ["GET", "/customers/luna/connection"],
  ["GET", "/customers/luna/schedule"],
  ["GET", "/customers/luna/bookings"],
  ["GET", "/customers/luna/agent-keys"],
  ["GET", "/activity"],
  ["GET", "/agent-keys"],
  ["GET", "/metrics"],
] as const;

t.test("with an address of their own, management paths are at that one only", async (t) => {
  const MANAGEMENT_PORT = String(await freePort());
  const world = await createWorld(t, { variables: { MANAGEMENT_HOST: "127.0.0.1", MANAGEMENT_PORT } });
  await world.connected("luna");
  t.match(await world.api("GET", "/v1/customer-calendars/luna"), { status: 200 }, "admin-api asks there");

  for (const [method, path] of managementPaths) {
    const headers = bearer(serviceKey);
    t.equal(await statusOf(`${world.mcpUrl}${path}`, { method, headers }), 404, `${path} isn't public`);
    t.not(await statusOf(`${world.managementUrl}${path}`, { method, headers }), 404, path);
    const wrong = { method, headers: { ...bearer("wrong"), via: "1.1 edge" } };
    t.ok([401, 429].includes(await statusOf(`${world.managementUrl}${path}`, wrong)), `${path} asks the key`);
  }
  for (const path of ["/health", "/ready"]) {
    for (const url of [world.mcpUrl, world.managementUrl])
      t.equal(await statusOf(`${url}${path}`), 200, path);
  }
  t.equal(await statusOf(`${world.managementUrl}/mcp`, { method: "POST" }), 404);
  t.equal(await statusOf(`${world.managementUrl}/connect/nonsense`), 404);
  const rpc = await world.rpc({ jsonrpc: "2.0", id: 1, method: "tools/list" }, { "x-customer-id": "luna" });
  t.equal(rpc.status, 200);
  const figures = await (await fetch(`${world.managementUrl}/metrics`)).text();
  t.match(figures, /route="\/mcp"/, "one process, one set of figures");

  await world.restart();
  t.equal(await statusOf(`${world.managementUrl}/health`), 200, "both are closed, and come back");
  await world.stopMcpCalendar();
  for (const url of [world.mcpUrl, world.managementUrl]) await t.rejects(fetch(`${url}/health`));
});

t.test("without one, they are beside the others", async (t) => {
  const world = await createWorld(t);
  t.equal(await statusOf(`${world.mcpUrl}/activity`, { headers: bearer(serviceKey) }), 200);
  t.equal(world.mcp.management, undefined);
});

t.test("an address that can't be one is refused with its sentence", async (t) => {
  const problems = (variables: object) =>
    configSchema
      .safeParse({ ...secrets, ...variables })
      .error?.issues.map((issue) => [issue.path.join("."), issue.message]);
  const host = "127.0.0.1";
  t.strictSame(problems({ MANAGEMENT_HOST: host }), [
    ["MANAGEMENT_PORT", "is required where MANAGEMENT_HOST is set"],
  ]);
  t.strictSame(problems({ MANAGEMENT_PORT: "60002" }), [
    ["MANAGEMENT_HOST", "is required where MANAGEMENT_PORT is set, such as 127.0.0.1"],
  ]);
  const twice = [["MANAGEMENT_PORT", "must differ from MCP_PORT: both would listen at the same address"]];
  t.strictSame(problems({ MANAGEMENT_HOST: host, MANAGEMENT_PORT: "60000" }), twice);
  t.strictSame(problems({ MANAGEMENT_HOST: "0.0.0.0", MANAGEMENT_PORT: "60000" }), twice);
  t.strictSame(
    problems({
      MCP_HOST: "::",
      MCP_PUBLIC_URL: "https://cita.example",
      MANAGEMENT_HOST: host,
      MANAGEMENT_PORT: "60000",
    }),
    twice,
  );
  t.strictSame(problems({ MANAGEMENT_HOST: host, MANAGEMENT_PORT: "70000" }), [
    ["MANAGEMENT_PORT", "must be a port number"],
  ]);
  for (const fine of [
    { MANAGEMENT_HOST: host, MANAGEMENT_PORT: "60002" },
    { MANAGEMENT_HOST: "10.0.0.5", MANAGEMENT_PORT: "60000" },
    { MANAGEMENT_HOST: host, MANAGEMENT_PORT: "0", MCP_PORT: "0" },
  ])
    t.equal(problems(fine), undefined, JSON.stringify(fine));
});

t.test("npm start sends admin-api to where management is", async (t) => {
  const urlFor = async (given: Record<string, string>) =>
    (await developmentEnvironment(given, async () => undefined)).variables.CALENDAR_URL;
  t.equal(await urlFor({}), "http://localhost:60000");
  t.equal(await urlFor({ MCP_PORT: "7000" }), "http://localhost:7000");
  const port = { MANAGEMENT_PORT: "60002" };
  t.equal(await urlFor({ MANAGEMENT_HOST: "127.0.0.1", ...port }), "http://127.0.0.1:60002");
  t.equal(await urlFor({ MANAGEMENT_HOST: "::1", ...port }), "http://[::1]:60002");
  for (const MANAGEMENT_HOST of ["0.0.0.0", "::"])
    t.equal(await urlFor({ MANAGEMENT_HOST, ...port }), "http://localhost:60002");
  t.equal(
    await urlFor({ CALENDAR_URL: "http://other:1", MANAGEMENT_HOST: "::1", ...port }),
    "http://other:1",
  );
});

/** A calendar service that answers everything alike. */
async function answering(
  t: Parameters<typeof createWorld>[0],
  status: number,
  body: string,
  headers: Record<string, string> = {},
) {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  t.teardown(() => server.close().closeAllConnections());
  return createCalendarApiClient({ baseUrl: `http://127.0.0.1:${port}`, serviceKey });
}

t.test(
  "admin-api tells a key that is refused from one that is to wait, and from a wrong address",
  async (t) => {
    const tooMany = JSON.stringify({
      statusCode: 429,
      code: "too_many_failed_keys",
      error: "x",
      message: "x",
    });
    const cases: [status: number, body: string, headers: Record<string, string>, expected: object][] = [
      [
        401,
        "{}",
        {},
        { code: "calendar_service_misconfigured", statusCode: 502, message: /CALENDAR_SERVICE_KEY/ },
      ],
      [401, "<html>", {}, { code: "calendar_service_misconfigured", statusCode: 502 }],
      [
        429,
        tooMany,
        { "retry-after": "17" },
        { code: "calendar_service_busy", statusCode: 503, retryAfterSeconds: 17 },
      ],
      [429, "<html>", {}, { code: "calendar_service_busy", statusCode: 503, retryAfterSeconds: 60 }],
      [
        429,
        "",
        { "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT" },
        { statusCode: 503, retryAfterSeconds: 60 },
      ],
      [429, "", { "retry-after": "99999999999" }, { statusCode: 503, retryAfterSeconds: 60 }],
      [
        404,
        JSON.stringify({ statusCode: 404, code: "not_found", error: "Not Found", message: "x" }),
        {},
        { code: "calendar_service_misconfigured", statusCode: 502, message: /CALENDAR_URL/ },
      ],
      [
        404,
        JSON.stringify({ statusCode: 404, code: "unknown_customer", error: "Not Found", message: "x" }),
        {},
        { code: "unknown_customer", statusCode: 404 },
      ],
      [408, "<html>", {}, { code: "calendar_service_unavailable", statusCode: 502 }],
      [200, "<html>", {}, { code: "calendar_service_unavailable", statusCode: 502 }],
    ];
    for (const [status, body, headers, expected] of cases) {
      const client = await answering(t, status, body, headers);
      const error = await client.connection("luna").then(
        () => undefined,
        (error: unknown) => error,
      );
      t.ok(error instanceof CalendarApiError);
      t.match(error, expected, `${status} ${body}`);
    }
  },
);

t.test("an admin is told what it is, by status, sentence and Retry-After", async (t) => {
  const world = await createWorld(t, { variables: { FAILED_KEYS_PER_MINUTE: "1" } });
  await world.stopMcpCalendar();
  const answers = [
    { status: 401, body: "{}", expected: { statusCode: 502, code: "calendar_service_misconfigured" } },
    { status: 429, body: "{}", expected: { statusCode: 503, code: "calendar_service_busy" } },
  ];
  for (const { status, body, expected } of answers) {
    const stand = createServer((_request, response) =>
      response.writeHead(status, { "retry-after": "9" }).end(body),
    );
    await new Promise<void>((resolve) =>
      stand.listen(Number(new URL(world.mcpUrl).port), "127.0.0.1", resolve),
    );
    const told = await fetch(`${world.adminUrl}/v1/activity`, { headers: bearer(adminKey) });
    t.equal(told.status, expected.statusCode);
    t.match(await told.json(), expected);
    t.equal(told.headers.get("retry-after"), status === 429 ? "9" : null);
    await new Promise((resolve) => stand.close(resolve).closeAllConnections());
  }
});
