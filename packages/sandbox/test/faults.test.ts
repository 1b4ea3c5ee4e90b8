import { connect } from "node:net";
import t from "tap";
import { calendarCaller, calendarOf, EVENTS, refreshForm, signIn, startSandbox } from "./sandbox-session.ts";

type Sandbox = ReturnType<typeof startSandbox>["app"];

const addFault = (app: Sandbox, payload: object) =>
  app.inject({ method: "POST", url: "/_sandbox/faults", payload });

t.test("a fault hits its method and path as often as told, then is over", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const added = await addFault(app, { method: "get", path: "/calendar/v3/", times: 2, status: 503 });
  t.equal(added.statusCode, 201);
  t.equal((await call("POST", "", { payload: {} })).statusCode, 400, "another method passes");
  t.equal((await app.inject("/oauth2/v3/certs")).statusCode, 200, "another path passes");
  t.equal((await call("GET")).statusCode, 503);
  t.equal((await call("GET")).statusCode, 503);
  t.equal((await call("GET")).statusCode, 200);
});

t.test("a fault may be for calls with certain parameters alone", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const query = { sendUpdates: "all", fields: "id" };
  t.match(await addFault(app, { path: "/calendar/v3/", query, reason: "quotaExceeded" }), {
    statusCode: 201,
  });
  const insert = async (search: string) => {
    const payload = {
      start: { dateTime: "2027-01-18T09:00:00Z" },
      end: { dateTime: "2027-01-18T10:00:00Z" },
    };
    return (await call("POST", search, { payload })).statusCode;
  };
  t.equal(await insert("?sendUpdates=all&fields=id"), 403);
  t.equal(
    await insert("?fields=id&sendUpdates=all&conferenceDataVersion=1"),
    403,
    "in any order, among others",
  );
  t.equal(await insert("?sendUpdates=all"), 200);
  t.equal(await insert("?sendUpdates=none&fields=id"), 200);
  t.equal(await insert(""), 200);
  const refused = await addFault(app, { path: "/", query: { sendUpdates: 1 } });
  t.equal(refused.statusCode, 400);
});

t.test("a fault of one account hits its calls and its refreshes, and nobody else's", async (t) => {
  const { app } = startSandbox(t);
  const ana = await calendarOf(app);
  const tokens = await signIn(app, { prompt: "consent" });
  const other = await signIn(app, { account: "bea@example.com" });
  const list = (token: string) =>
    app.inject({ url: EVENTS, headers: { authorization: `Bearer ${token}` } }).then((r) => r.statusCode);
  await addFault(app, { path: "/calendar/v3/", email: "Ana@Example.com", status: 503 });
  await addFault(app, { path: "/token", email: "ana@example.com", times: 1, status: 500 });

  t.equal((await ana.call("GET")).statusCode, 503);
  t.equal(await list(tokens.access_token), 503, "by whichever of its tokens");
  t.equal(await list(other.access_token), 200);
  t.equal((await app.inject({ url: EVENTS })).statusCode, 401, "a call without a token is nobody's");
  t.equal((await app.inject(refreshForm(other.refresh_token))).statusCode, 200);
  t.equal((await app.inject(refreshForm("1//0unknown"))).statusCode, 400);
  t.equal((await app.inject(refreshForm(tokens.refresh_token))).statusCode, 500);
  t.equal(
    (await app.inject(refreshForm(tokens.refresh_token))).statusCode,
    200,
    "its times count its calls alone",
  );
  const refused = await addFault(app, { path: "/token", email: "nobody" });
  t.equal(refused.statusCode, 400);
});

t.test("a bare status answers Google's error for it", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const expected: [number, string, string][] = [
    [400, "badRequest", "global"],
    [401, "authError", "global"],
    [403, "rateLimitExceeded", "usageLimits"],
    [404, "notFound", "global"],
    [409, "duplicate", "global"],
    [410, "deleted", "global"],
    [412, "conditionNotMet", "global"],
    [418, "badRequest", "global"],
    [429, "rateLimitExceeded", "usageLimits"],
    [500, "backendError", "global"],
    [502, "backendError", "global"],
    [503, "backendError", "global"],
  ];
  for (const [status, reason, domain] of expected) {
    await addFault(app, { path: EVENTS, times: 1, status });
    const response = await call("GET");
    t.equal(response.statusCode, status);
    t.match(response.json(), {
      error: { code: status, message: String, errors: [{ reason, domain, message: String }] },
    });
  }
  for (const [status, error] of [
    [400, "invalid_grant"],
    [401, "invalid_client"],
    [429, "rate_limit_exceeded"],
    [500, "internal_failure"],
  ] as const) {
    await addFault(app, { path: "/token", times: 1, status });
    const response = await app.inject(refreshForm("1//0"));
    t.match(
      { status: response.statusCode, ...response.json() },
      { status, error, error_description: String },
    );
  }
});

t.test("a body is sent as given: text as it is, anything else as JSON", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const headers = { "Retry-After": "7" };
  await addFault(app, { path: EVENTS, times: 1, status: 429, headers, body: { error: { code: 429 } } });
  const json = await call("GET");
  t.match([json.statusCode, json.json(), json.headers["retry-after"]], [429, { error: { code: 429 } }, "7"]);

  await addFault(app, { path: EVENTS, times: 1, status: 502, body: "<h1>Bad Gateway</h1>" });
  const html = await call("GET");
  t.match(
    [html.statusCode, html.body, html.headers["content-type"]],
    [502, "<h1>Bad Gateway</h1>", /^text\/html/],
  );

  await addFault(app, {
    path: EVENTS,
    times: 1,
    headers: { "content-type": "application/json" },
    body: '{"items":',
  });
  const cut = await call("GET");
  t.match([cut.statusCode, cut.body, cut.headers["content-type"]], [200, '{"items":', /^application\/json/]);

  await addFault(app, { path: EVENTS, times: 1, headers: { "x-extra": "1" } });
  const extra = await call("GET");
  t.match([extra.statusCode, extra.headers["x-extra"], extra.json().kind], [200, "1", "calendar#events"]);
});

t.test("the first fault that fits wins, and clearing ends them all", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  await addFault(app, { path: EVENTS, status: 500, times: 1 });
  await addFault(app, { path: "/", status: 503 });
  t.equal((await call("GET")).statusCode, 500);
  t.equal((await call("GET")).statusCode, 503);
  t.equal((await call("GET")).statusCode, 503, "without times it lasts");
  t.strictSame((await app.inject({ method: "DELETE", url: "/_sandbox/faults" })).json(), { removed: 1 });
  t.equal((await call("GET")).statusCode, 200);
});

t.test("callers that race share times exactly, latency or not", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  await addFault(app, { path: EVENTS, times: 3, status: 503, latency_ms: 5 });
  const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await call("GET")).statusCode));
  t.equal(statuses.filter((status) => status === 503).length, 3);
  t.equal(statuses.filter((status) => status === 200).length, 7);
});

t.test("latency waits, then goes on as usual", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  await addFault(app, { path: EVENTS, latency_ms: 40, times: 1 });
  const before = performance.now();
  t.equal((await call("GET")).statusCode, 200);
  t.ok(performance.now() - before >= 39);
});

t.test("a dropped connection ends without an answer, before or after the work", async (t) => {
  const { app } = startSandbox(t);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const { access_token } = await signIn(app);
  const insert = (id: string) =>
    fetch(`${url}${EVENTS}`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ id, start: { date: "2027-01-18" }, end: { date: "2027-01-19" } }),
    });
  const get = async (id: string) =>
    (await fetch(`${url}${EVENTS}/${id}`, { headers: { authorization: `Bearer ${access_token}` } })).status;

  await addFault(app, { path: EVENTS, method: "POST", drop: true, times: 1 });
  await t.rejects(insert("before"), TypeError);
  t.equal(await get("before"), 404, "nothing was done");
  await addFault(app, { path: EVENTS, method: "POST", drop: "answer", times: 1 });
  await t.rejects(insert("after0"), TypeError);
  t.equal(await get("after0"), 200, "the work was done, the answer lost");
  t.equal((await insert("after1")).status, 200);

  for (const drop of [true, "answer"]) {
    await addFault(app, { path: EVENTS, drop, times: 1 });
    await t.rejects(app.inject(EVENTS), `injected calls see it too: ${drop}`);
  }
});

t.test("an answer goes wrong on its way, after the work was done", async (t) => {
  const { app } = startSandbox(t);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const { access_token } = await signIn(app);
  const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
  const list = () => fetch(`${url}${EVENTS}`, { headers });
  const whole = await (await list()).text();

  await addFault(app, { path: EVENTS, times: 1, drip_ms: 300 });
  const dripping = await list();
  const begun = performance.now();
  t.equal(await dripping.text(), whole);
  t.ok(performance.now() - begun > 150, "the headers have come long before the body's end");

  await addFault(app, { path: EVENTS, times: 1, drop: "body" });
  const cut = await list();
  t.equal(cut.status, 200);
  await t.rejects(cut.text(), TypeError);

  await addFault(app, { path: EVENTS, times: 1, content_length: Buffer.byteLength(whole) + 10 });
  await t.rejects((await list()).text(), TypeError, "it ends before its length");
  await addFault(app, { path: EVENTS, times: 1, content_length: 10 });
  t.equal(await (await list()).text(), whole.slice(0, 10), "what is beyond its length is lost");

  await addFault(app, { path: EVENTS, times: 1, drop: "body", method: "POST" });
  const day = { start: { date: "2027-01-18" }, end: { date: "2027-01-19" } };
  const insert = await fetch(`${url}${EVENTS}`, {
    method: "POST",
    headers,
    body: JSON.stringify({ id: "half0", ...day }),
  });
  await t.rejects(insert.text(), TypeError);
  t.equal((await fetch(`${url}${EVENTS}/half0`, { headers })).status, 200);

  await addFault(app, { path: EVENTS, times: 1, status: 503, body: "<h1>Down</h1>", drop: "body" });
  const page = await list();
  t.equal(page.status, 503);
  await t.rejects(page.text(), TypeError, "a fault's own answer breaks as well");
});

t.test("a dropped connection closes at once", async (t) => {
  const { app } = startSandbox(t);
  const { port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
  await addFault(app, { path: "/token", drop: true });
  const socket = connect(Number(port), "127.0.0.1");
  const received: unknown[] = [];
  socket.on("data", (chunk) => received.push(chunk));
  const closed = new Promise((resolve) => socket.on("close", resolve).on("error", () => {}));
  socket.write("POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
  await closed;
  t.equal(received.length, 0);
});

t.test("faults that make no sense are refused", async (t) => {
  const { app } = startSandbox(t);
  for (const fault of [
    {},
    { path: "token" },
    { path: "/", times: 0 },
    { path: "/", status: 99 },
    { path: "/", delay: 5 },
    { path: "/", drop: "later" },
    { path: "/", drip_ms: -1 },
    { path: "/", content_length: 0.5 },
  ]) {
    const response = await addFault(app, fault);
    t.match(
      { status: response.statusCode, ...response.json() },
      { status: 400, error: "Bad Request", message: String },
      JSON.stringify(fault),
    );
  }
});

t.test("the controls themselves are neither faulted nor counted", async (t) => {
  const { app } = startSandbox(t);
  await addFault(app, { path: "/", status: 500 });
  t.equal((await app.inject("/_sandbox/calls")).statusCode, 200);
  t.strictSame((await app.inject("/_sandbox/calls")).json(), { total: 0, by: {} });
});

t.test("a fault quotes the request where it is asked to", async (t) => {
  const { app } = startSandbox(t);
  const quoting = {
    echo: true,
    status: 400,
    status_text: "{{authorization}}",
    headers: { location: "http://localhost/?{{url}}" },
    body: {
      error: {
        message: "I got {{body}} from {{authorization}}, {{nothing}}",
        errors: [{ reason: "{{url}}" }],
      },
    },
  };
  await addFault(app, { path: "/token", times: 1, ...quoting });
  const form = refreshForm("1//secret");
  const answer = await app.inject({ ...form, headers: { ...form.headers, authorization: "Bearer ya29" } });
  t.match(answer, { statusCode: 400, statusMessage: "Bearer ya29", headers: { location: /\/token$/ } });
  const { message, errors } = answer.json().error;
  t.match(message, /1\/\/secret.* from Bearer ya29, \{\{nothing\}\}/);
  t.equal(errors[0].reason, "/token");

  await addFault(app, {
    path: "/calendar/v3/",
    times: 1,
    echo: true,
    status: 500,
    body: "<p>{{authorization}}",
  });
  const page = await app.inject({ url: EVENTS, headers: { authorization: "Bearer ya29" } });
  t.match(page, { statusCode: 500, body: "<p>Bearer ya29" });
  const { call } = await calendarOf(app);
  await addFault(app, { path: EVENTS, times: 1, status: 400, body: "{{authorization}}" });
  t.equal((await call("GET")).body, "{{authorization}}", "and only there");
});

t.test("a fault may be one account's alone, in Google's own words", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const bea = calendarCaller(app, await signIn(app, { account: "bea@example.com" }));
  await addFault(app, { path: "/calendar/v3/", email: "Ana@example.com", reason: "notACalendarUser" });
  const refused = await call("GET");
  t.match(
    { status: refused.statusCode, ...refused.json() },
    {
      status: 403,
      error: {
        code: 403,
        message: "The user must be signed up for Google Calendar.",
        errors: [{ reason: "notACalendarUser", domain: "global" }],
      },
    },
  );
  t.equal((await bea("GET")).statusCode, 200);
  t.equal((await app.inject(EVENTS)).statusCode, 401, "nor is it for who shows no token");
  t.equal((await addFault(app, { path: "/", reason: "noSuchReason" })).statusCode, 400);
  t.equal((await addFault(app, { path: "/", email: "nobody" })).statusCode, 400);
  await addFault(app, { path: EVENTS, reason: "accessNotConfigured" });
  t.match((await bea("GET")).json(), {
    error: { errors: [{ reason: "accessNotConfigured", domain: "usageLimits" }] },
  });
});
