import t from "tap";
import { buildSandbox } from "../src/index.ts";
import {
  answerConsent,
  calendarCaller,
  calendarOf,
  EVENTS,
  encode,
  signIn,
  startSandbox,
  summaries,
} from "./sandbox-session.ts";

const account = (payload: object) => ({ method: "POST", url: "/_sandbox/accounts", payload }) as const;

t.test("an account is made with the events it is given, and no others", async (t) => {
  const { app } = startSandbox(t);
  const made = await app.inject(
    account({
      email: "Ana@Example.com",
      time_zone: "Europe/Madrid",
      events: [
        { summary: "Local", start: "2027-01-18T10:00:00", end: "2027-01-18T11:00:00" },
        { summary: "Absolute", start: "2027-01-18T10:00:00Z", end: "2027-01-18T11:00:00Z" },
        { summary: "All day", start: "2027-01-18", end: "2027-01-19" },
        {
          id: "asgoogle",
          summary: "As Google",
          start: { dateTime: "2027-01-18T08:00:00", timeZone: "UTC" },
          end: { date: undefined, dateTime: "2027-01-18T09:00:00Z" },
        },
        {
          summary: "Declined",
          start: "2027-01-18",
          end: "2027-01-19",
          organizer: { email: "boss@example.com" },
          attendees: [{ email: "ana@example.com", responseStatus: "declined" }],
        },
        {
          summary: "Own",
          start: "2027-01-18",
          end: "2027-01-18",
          organizer: { email: "ANA@example.com" },
          attendees: [{ email: "ana@example.com" }],
        },
      ],
    }),
  );
  t.equal(made.statusCode, 201);
  t.match(made.json(), { email: "ana@example.com", time_zone: "Europe/Madrid", sub: /^\d{21}$/ });
  const { list } = { list: calendarCaller(app, await signIn(app)) };
  const { items } = (await list("GET")).json();
  t.equal(items.length, 6);
  const find = (summary: string) => items.find((event: { summary: string }) => event.summary === summary);
  t.match(find("Local"), { start: { dateTime: "2027-01-18T10:00:00+01:00" }, organizer: { self: true } });
  t.match(find("Absolute"), { start: { dateTime: "2027-01-18T11:00:00+01:00" } });
  t.match(find("All day"), { start: { date: "2027-01-18" } });
  t.match(find("As Google"), {
    id: "asgoogle",
    start: { dateTime: "2027-01-18T09:00:00+01:00", timeZone: "UTC" },
  });
  t.match(find("Declined"), {
    organizer: { email: "boss@example.com" },
    attendees: [{ self: true, responseStatus: "declined" }],
  });
  t.notOk("self" in find("Declined").organizer);
  t.match(
    find("Own"),
    {
      start: { date: "2027-01-18" },
      end: { date: "2027-01-18" },
      organizer: { self: true },
      attendees: [{ self: true, responseStatus: "needsAction" }],
    },
    "whoever has the calendar's address is it; a day may end on its own date, as imports write it",
  );
});

t.test("making an account again replaces its calendar and keeps its grants", async (t) => {
  const { app } = startSandbox(t);
  const { call, list } = await calendarOf(app, [{ summary: "Old", start: "2027-01-18", end: "2027-01-19" }]);
  t.strictSame(summaries(await list()), ["Old"]);
  await app.inject(account({ email: "ana@example.com" }));
  t.same((await call("GET")).json().items, []);
  t.equal((await list()).timeZone, "America/Bogota", "the default zone");
});

t.test("accounts and events that make no sense are refused", async (t) => {
  const { app } = startSandbox(t);
  const event = { start: "2027-01-18", end: "2027-01-19" };
  for (const payload of [
    {},
    { email: "ana" },
    { email: "ana@example.com", time_zone: "Bogota" },
    { email: "ana@example.com", timezone: "America/Bogota" },
    { email: "ana@example.com", events: [{ ...event, start: "soon" }] },
    { email: "ana@example.com", events: [{ ...event, id: "x" }] },
    { email: "ana@example.com", events: [{ ...event, status: "maybe" }] },
  ]) {
    const response = await app.inject(account(payload));
    t.match(
      { http: response.statusCode, ...response.json() },
      { http: 400, statusCode: 400, message: String },
      JSON.stringify(payload),
    );
  }
  t.equal(
    (await app.inject("/_sandbox/events?email=ana@example.com")).statusCode,
    404,
    "and nothing is made",
  );
});

t.test("the control sees every event, deleted ones too", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app, [
    { id: "gone1", summary: "Gone", start: "2027-01-18", end: "2027-01-19" },
  ]);
  await call("DELETE", "/gone1");
  const response = await app.inject(`/_sandbox/events?${encode({ email: "ana@example.com" })}`);
  t.match(response.json(), {
    email: "ana@example.com",
    events: [{ id: "gone1", summary: "Gone", status: "cancelled" }],
  });
  t.equal((await app.inject("/_sandbox/events")).statusCode, 400);
  t.equal((await app.inject("/_sandbox/events?email=nobody@example.com")).statusCode, 404);
});

t.test("calls are counted by method and path, whatever comes of them", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  await call("GET", "?singleEvents=true");
  await call("GET");
  await call("GET", "/unknown");
  await app.inject({
    method: "POST",
    url: "/_sandbox/faults",
    payload: { path: EVENTS, status: 500, times: 1 },
  });
  await call("GET");
  t.same((await app.inject("/_sandbox/calls")).json(), {
    total: 6,
    by: {
      "POST /o/oauth2/v2/auth": 1,
      "POST /token": 1,
      [`GET ${EVENTS}`]: 3,
      [`GET ${EVENTS}/unknown`]: 1,
    },
  });
  t.same((await app.inject({ method: "DELETE", url: "/_sandbox/calls" })).json(), { total: 0, by: {} });
  await call("GET");
  t.same((await app.inject("/_sandbox/calls")).json(), { total: 1, by: { [`GET ${EVENTS}`]: 1 } });
});

t.test("sandboxes share nothing, and keep real time unless told otherwise", async (t) => {
  const one = startSandbox(t).app;
  const two = await buildSandbox();
  t.teardown(() => two.close());
  const tokens = await signIn(one);
  t.equal((await calendarCaller(one, tokens)("GET")).statusCode, 200);
  t.equal((await calendarCaller(two, tokens)("GET")).statusCode, 401);
  const { updated } = (await calendarCaller(two, await signIn(two))("GET")).json();
  t.ok(Math.abs(Date.now() - Date.parse(updated)) < 5000);
});

t.test("an account nobody made has a believable week with room in it", async (t) => {
  const { app } = startSandbox(t);
  await answerConsent(app, { account: "clinica@example.com" });
  const tokens = await signIn(app, { account: "clinica@example.com" });
  const week = {
    timeMin: "2027-01-18T00:00:00-05:00",
    timeMax: "2027-01-23T00:00:00-05:00",
    singleEvents: "true",
    orderBy: "startTime",
  };
  const answer = (await calendarCaller(app, tokens)("GET", `?${encode(week)}`)).json();
  t.equal(answer.timeZone, "America/Bogota");
  const events: {
    start: { dateTime?: string; date?: string };
    end: { dateTime?: string };
    transparency?: string;
  }[] = answer.items;
  t.equal(
    events.filter((event) => "recurringEventId" in event).length,
    7,
    "lunch each day, a meeting, a supplier",
  );
  t.ok(events.some(({ start }) => start.date));
  t.match(
    events.filter((event) => "attendees" in event),
    [{ attendees: [{ self: true, responseStatus: "declined" }] }],
  );
  t.ok(events.some((event) => "status" in event && event.status === "tentative"));
  for (const day of [18, 19, 20, 21, 22]) {
    const busy = events.filter(
      ({ start, transparency }) => !transparency && start.dateTime?.startsWith(`2027-01-${day}`),
    );
    const hours = busy.reduce(
      (sum, { start, end }) =>
        sum + (Date.parse(end.dateTime ?? "") - Date.parse(start.dateTime ?? "")) / 3_600_000,
      0,
    );
    t.ok(hours > 1 && hours < 6, `${day}: ${hours} hours taken`);
  }

  const other = startSandbox(t).app;
  const again = await calendarCaller(other, await signIn(other, { account: "clinica@example.com" }))(
    "GET",
    `?${encode(week)}`,
  );
  t.same(again.json().items, answer.items, "the same moment, the same week");
});

t.test("an account keeps the id it was made with", async (t) => {
  const { app } = startSandbox(t);
  const sub = "108204268033311374519";
  t.equal((await app.inject(account({ email: "ana@new.example", sub }))).json().sub, sub);
  t.equal((await app.inject("/_sandbox/events?email=ana@new.example")).json().sub, sub);
  t.equal((await app.inject(account({ email: "ana@new.example", sub: "" }))).statusCode, 400);
  t.match((await app.inject(account({ email: "ana@new.example" }))).json(), { sub: /^\d{21}$/ });
});

t.test("every answer tells the sandbox's own time", async (t) => {
  const { app, clock } = startSandbox(t);
  const dateOf = async (path: string) => (await app.inject(path)).headers.date;
  t.equal(await dateOf("/_sandbox/calls"), "Mon, 18 Jan 2027 14:00:00 GMT");
  clock.ms += 60_000;
  t.equal(await dateOf("/nowhere"), "Mon, 18 Jan 2027 14:01:00 GMT");
});
