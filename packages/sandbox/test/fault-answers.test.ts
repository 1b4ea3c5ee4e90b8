import { connect } from "node:net";
import t from "tap";
import { addFault, calendarOf, EVENTS, refreshForm, signIn, startSandbox } from "./sandbox-session.ts";

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
