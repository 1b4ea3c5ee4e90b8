import { createServer } from "node:http";
import t from "tap";
import { freePort } from "./support/free-port.ts";
import { initialize, toolCall } from "./support/line-client.ts";
import { openStdio, overHttp, readError } from "./support/stdio.ts";
import { createWorld } from "./support/world.ts";

const monday = "2027-01-18";

t.test("the owner's client gets the link, and after the consent the same call works", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  const stdio = await openStdio(t, world, "owner");
  await stdio.request(initialize());
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const { error } = readError(await stdio.request(slots));
  t.match(error, {
    code: "not_connected",
    retryable: true,
    message: error.connect_url,
    connect_url: new RegExp(`^http://localhost:${stdio.port}/connect/[\\w-]{43}$`),
  });
  t.equal(stdio.notes().trim(), `To connect the calendar, open ${error.connect_url}`);
  const again = readError(await stdio.request(slots));
  t.equal(again.error.connect_url, error.connect_url, "the link is the same until it is used");
  t.equal(stdio.notes(), "", "and is told once");

  await world.sandbox("POST", "accounts", {
    email: "me@example.com",
    time_zone: "America/Bogota",
    events: [],
  });
  const page = await world.consent(error.connect_url, { account: "me@example.com" });
  t.match(page, { status: 200, text: /Your calendar is connected/ });
  t.match(JSON.parse(await stdio.request(slots)), { result: { structuredContent: { from: monday } } });
  await t.rejects(fetch(`http://localhost:${stdio.port}/`), "nothing listens any more");

  await world.sandbox("POST", "expire-access-tokens");
  await world.sandbox("POST", "revoke", { email: "me@example.com" });
  const lost = readError(await stdio.request(slots));
  t.match(lost.error, { code: "reconnect_required", connect_url: `http://localhost:${stdio.port}/connect/` });
  t.not(lost.error.connect_url, error.connect_url);
  await world.sandbox("DELETE", "faults");
  t.match(await world.consent(lost.error.connect_url, { account: "me@example.com" }), { status: 200 });
  t.match(JSON.parse(await stdio.request(slots)), { result: { structuredContent: { from: monday } } });
});

t.test("a client that Google refuses is said plainly to the owner, and to nobody else", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  const wrong = { GOOGLE_CLIENT_SECRET: "mistyped-secret" };
  const plain = /Google doesn't accept the client ID or the client secret/;
  const remedy = /GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET/;
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const open = async (variables: object) => {
    const stdio = await openStdio(t, world, "owner", variables);
    await stdio.request(initialize());
    return { ...stdio, ask: async () => readError(await stdio.request(slots)).error };
  };

  const mistyped = await open(wrong);
  const { connect_url } = await mistyped.ask();
  const page = await world.consent(connect_url, { account: "me@example.com" });
  t.match(page, {
    status: 502,
    text: /Google doesn.+t accept[\s\S]+GOOGLE_CLIENT_SECRET[\s\S]+client_refused/,
  });
  const refused = await mistyped.ask();
  t.match(refused, { code: "not_connected", message: String, next_step: plain, retryable: false });
  t.notOk("connect_url" in refused, "the link can't work");
  const notes = mistyped.notes();
  t.match(notes, plain);
  t.match(notes, remedy);
  await mistyped.service.close();

  const right = await open({});
  await world.consent((await right.ask()).connect_url, { account: "me@example.com" });
  t.match(JSON.parse(await right.request(slots)), { result: { structuredContent: { from: monday } } });
  await right.service.close();

  await world.sandbox("POST", "expire-access-tokens");
  const later = await open(wrong);
  const lost = await later.ask();
  t.match(lost, { code: "calendar_unavailable", message: String, next_step: plain, retryable: false });
  for (const output of [page.text, notes, later.notes(), JSON.stringify([refused, lost])]) {
    t.notMatch(output, wrong.GOOGLE_CLIENT_SECRET);
  }

  const body = { error: "invalid_client" };
  await world.sandbox("POST", "faults", { path: "/token", status: 401, body });
  const { error } = readError(await overHttp(world, "owner", slots));
  t.match(error, { code: "calendar_unavailable", retryable: true });
  const { body: sol } = await world.connect("sol");
  const otherPage = await world.consent(sol.shareable_link);
  t.match(otherPage, { status: 502, text: /exchange_failed/ });
  for (const output of [JSON.stringify(error), otherPage.text]) t.notMatch(output, "GOOGLE_CLIENT");
});

t.test(
  "a calendar that Google refuses is said plainly to the owner, on the page and by the tools",
  async (t) => {
    const world = await createWorld(t, { engine: "sqlite" });
    const stdio = await openStdio(t, world, "owner");
    await stdio.request(initialize());
    const slots = toolCall(1, "get_available_slots", { date_iso: monday });
    const ask = async () => readError(await stdio.request(slots)).error;
    const { connect_url } = await ask();
    await world.sandbox("POST", "faults", { path: "/calendar/v3/", reason: "accessNotConfigured" });
    const page = await world.consent(connect_url, { account: "me@example.com" });
    t.match(page, { status: 200, text: /calendar_not_set_up/ });
    const expected = {
      code: "calendar_unavailable",
      message: "I can't use your calendar, and that won't pass by itself.",
      next_step:
        /Don't say that there is no availability\. Tell the person: .*API isn't switched on.*Enable it/,
      retryable: false,
    };
    t.match(await ask(), expected);
    await world.sandbox("DELETE", "faults");
    t.match(JSON.parse(await stdio.request(slots)), { result: { structuredContent: { from: monday } } });
  },
);

t.test("an agent over HTTP never gets a link, whatever it declares", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  await world.connect("luna");
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const declared = { elicitation: { url: {} } };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": declared,
  };
  const modern = { ...slots, jsonrpc: "2.0", params: { ...slots.params, _meta } };
  const headers = {
    "x-customer-id": "luna",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "get_available_slots",
  };
  const answers = [
    await overHttp(world, "luna", slots),
    JSON.stringify((await world.rpc(modern, headers)).body),
  ];
  await world.connected("sol");
  await world.sandbox("POST", "expire-access-tokens");
  await world.sandbox("POST", "revoke", { email: "sol@example.com" });
  answers.push(await overHttp(world, "sol", slots));
  const codes = answers.map((answer) => readError(answer).error.code);
  t.strictSame(codes, ["not_connected", "not_connected", "reconnect_required"]);
  for (const answer of answers) t.notMatch(answer, /connect_url|\/connect\/|https?:|-32042|input_required/);
});

t.test("a client that can open links is asked to, by the means of its era", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const url = /^http:\/\/localhost:\d+\/connect\/[\w-]{43}$/;

  const legacy = await openStdio(t, world, "owner");
  await legacy.request(initialize({ elicitation: { url: {} } }));
  t.match(JSON.parse(await legacy.request(slots)), {
    error: { code: -32_042, data: { elicitations: [{ mode: "url", url, elicitationId: /./ }] } },
  });
  const form = await openStdio(t, world, "owner", { MCP_PORT: legacy.port });
  await form.request(initialize({ elicitation: { form: {} } }));
  t.match(readError(await form.request(slots)).error, { code: "not_connected", connect_url: url });

  const modern = await openStdio(t, world, "owner", { MCP_PORT: legacy.port });
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } },
  };
  const asked = JSON.parse(await modern.request({ ...slots, params: { ...slots.params, _meta } }));
  t.match(asked.result, {
    resultType: "input_required",
    inputRequests: { connect: { method: "elicitation/create", params: { mode: "url", url } } },
  });
  const inputResponses = { connect: { action: "accept" } };
  const retried = await modern.request({ ...slots, params: { ...slots.params, _meta, inputResponses } });
  t.match(readError(retried).error, { code: "not_connected", connect_url: url }, "it isn't asked in circles");
});

t.test("a port that another program has is said, and no link is given away", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const paths: string[] = [];
  const stranger = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.end('{"proof":"mine"}');
  });
  const port = await freePort();
  await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
  t.teardown(() => stranger.close());
  const stdio = await openStdio(t, world, "owner", { MCP_PORT: port });
  await stdio.request(initialize());
  const { error } = readError(await stdio.request(slots));
  t.match(error, { code: "not_connected", message: String, next_step: `Port ${port} of this computer` });
  t.notOk("connect_url" in error);
  t.match(stdio.notes(), `Port ${port}`);
  t.match(paths, [/^\/proof\/[\w-]{36}$/]);

  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
  t.match(readError(await stdio.request(slots)).error, { connect_url: `http://localhost:${port}/connect/` });
  const second = await openStdio(t, world, "owner", { MCP_PORT: port });
  await second.request(initialize());
  const { connect_url } = readError(await second.request(slots)).error;
  t.match(connect_url, `http://localhost:${port}/connect/`, "of our own two the first serves the pages");
  t.match(await world.consent(connect_url, { account: "me@example.com" }), { status: 200 });
  t.match(JSON.parse(await second.request(slots)), { result: { structuredContent: { from: monday } } });
});
