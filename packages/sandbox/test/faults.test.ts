import t from "tap";
import {
  addFault,
  calendarCaller,
  calendarOf,
  EVENTS,
  refreshForm,
  signIn,
  startSandbox,
} from "./sandbox-session.ts";

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
