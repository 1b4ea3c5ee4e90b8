import { setTimeout as sleep } from "node:timers/promises";
import { buildSandbox, SANDBOX_CLIENT } from "@cita/google-sandbox";
import { generateFernetKey } from "@cita/token-store";
import t, { type Test } from "tap";
import { createBrowser } from "./support/browser.ts";
import { runScript } from "./support/command.ts";
import { freePort } from "./support/free-port.ts";

const serviceKey = "test-service-key-0123456789";
const slot = "2027-01-18T10:00:00-05:00";
const events = "/calendar/v3/calendars/primary/events";

/** The calendar service in a process of its own, that can be killed and started again over its files. */
async function createCrashWorld(t: Test) {
  const sandbox = buildSandbox();
  const googleUrl = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  t.teardown(() => sandbox.close());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const cwd = t.testdir();
  const env = {
    MCP_PORT: String(port),
    MCP_PUBLIC_URL: url,
    CALENDAR_SERVICE_KEY: serviceKey,
    TOKEN_ENCRYPTION_KEY: generateFernetKey(),
    GOOGLE_CLIENT_ID: SANDBOX_CLIENT.id,
    GOOGLE_CLIENT_SECRET: SANDBOX_CLIENT.secret,
    GOOGLE_AUTHORIZATION_URL: `${googleUrl}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: `${googleUrl}/token`,
    GOOGLE_REVOCATION_URL: `${googleUrl}/revoke`,
    GOOGLE_API_URL: googleUrl,
    LOG_LEVEL: "info",
  };
  const start = async () => {
    const service = runScript(t, "test/fixtures/hasty-calendar-service.ts", { cwd, env });
    await service.printed("Server listening");
    return service;
  };
  const control = async (method: string, path: string, body?: object) => {
    const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(`${googleUrl}/_sandbox/${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    return JSON.parse(await response.text());
  };
  const book = async (idempotency_key?: string) => {
    const args = { start_iso: slot, attendee_name: "Ana", idempotency_key };
    const request = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "book", arguments: args },
    };
    const response = await fetch(`${url}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-customer-id": "luna" },
      body: JSON.stringify(request),
    });
    return JSON.parse(JSON.parse(await response.text()).result.content[0].text);
  };
  const connect = async () => {
    await control("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota", events: [] });
    const response = await fetch(`${url}/oauth/authorize`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${serviceKey}` },
      body: JSON.stringify({ customer_id: "luna", customer_email: "luna@example.com" }),
    });
    const browser = createBrowser();
    const page = await browser.open(JSON.parse(await response.text()).shareable_link);
    await browser.submit(await browser.submit(page), { action: "allow" });
  };
  const standing = async (): Promise<{ id: string }[]> =>
    (await control("GET", "events?email=luna@example.com")).events.filter(
      (event: { status: string }) => event.status !== "cancelled",
    );
  const untilCalled = async (call: RegExp) => {
    for (;;) {
      const { by } = await control("GET", "calls");
      if (Object.keys(by).some((name) => call.test(name))) return;
      await sleep(5);
    }
  };
  return { start, control, book, connect, standing, untilCalled };
}

/** Where the process is killed: while it waits for the answer to this call. */
const moments = {
  "the first reading": { method: "GET", path: events, latency_ms: 2_000, times: 1 },
  "the insert, before Google has it": {
    method: "POST",
    path: events,
    latency_ms: 2_000,
    status: 503,
    times: 1,
  },
  "the insert, after Google has it": { method: "POST", path: events, drop: "answer", times: 2 },
} as const;

for (const [moment, fault] of Object.entries(moments)) {
  t.test(`killed during ${moment}: swept, nothing doubled, nothing blocked`, async (t) => {
    const world = await createCrashWorld(t);
    const first = await world.start();
    await world.connect();
    await world.control("POST", "faults", fault);
    if ("drop" in fault) {
      // The event was made, and taking it back fails as well: what a process killed here leaves behind.
      await world.control("POST", "faults", { method: "DELETE", path: events, latency_ms: 5_000, times: 1 });
    }
    await world.control("DELETE", "calls");
    const unanswered = world.book("k1").then(
      () => "answered",
      () => "cut off",
    );
    const killedDuring = "drop" in fault ? /^DELETE / : new RegExp(`^${fault.method} `);
    await world.untilCalled(killedDuring);
    await first.end("SIGKILL");
    t.equal(await unanswered, "cut off");
    await world.control("DELETE", "faults");
    t.ok((await world.standing()).length <= 1);

    const second = await world.start();
    const answer = await world.book("k1");
    t.match(
      answer,
      { status: "confirmed" },
      "the same request again waits for the hold to run out, and books",
    );
    t.match(await world.standing(), [{ id: answer.event_id }], "one event, and it is the confirmed one");
    t.strictSame(await world.book("k1"), answer);
    t.match(await world.book(), { error: { code: "slot_taken" } });
    await second.end();
  });
}

t.test("killed after it has confirmed, the booking stands", async (t) => {
  const world = await createCrashWorld(t);
  const first = await world.start();
  await world.connect();
  const answer = await world.book("k1");
  await first.end("SIGKILL");
  await world.start();
  t.strictSame(await world.book("k1"), answer);
  t.match(await world.standing(), [{ id: answer.event_id }]);
});
