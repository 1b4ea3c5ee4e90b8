import type { FastifyInstance } from "fastify";
import t from "tap";
import {
  calendarCaller,
  encode,
  eventsPath,
  type Params,
  signIn,
  startSandbox,
  summaries,
  type TestEvent,
} from "./sandbox-session.ts";

const TEAM = "team@group.calendar.google.com";
const ROOMS = "rooms@group.calendar.google.com";
const meeting = { summary: "Meeting", start: "2027-01-18T10:00:00", end: "2027-01-18T11:00:00" };
const start = { dateTime: "2027-01-18T10:00:00-05:00" };
const end = { dateTime: "2027-01-18T10:30:00-05:00" };

type TestCalendar = { id: string; time_zone?: string; events?: TestEvent[] };

const make = (app: FastifyInstance, account: object) =>
  app.inject({
    method: "POST",
    url: "/_sandbox/accounts",
    payload: { email: "ana@example.com", time_zone: "America/Bogota", ...account },
  });
const stored = (app: FastifyInstance, params: Params) =>
  app.inject(`/_sandbox/events?${encode({ email: "ana@example.com", ...params })}`);

/** Makes an account with these further calendars, signs it in, and gives what calls any of its calendars. */
async function calendarsOf(app: FastifyInstance, calendars: TestCalendar[], events: TestEvent[] = []) {
  const made = await make(app, { events, calendars });
  if (made.statusCode !== 201) throw new Error(made.body);
  const tokens = await signIn(app);
  return (calendarId?: string) => calendarCaller(app, tokens, calendarId);
}

t.test("an account's further calendars are apart from the primary one and from each other", async (t) => {
  const { app } = startSandbox(t);
  const own = { ...meeting, summary: "Own" };
  const calendar = await calendarsOf(app, [{ id: TEAM, events: [meeting] }, { id: ROOMS }], [own]);
  const list = async (id: string) => summaries((await calendar(id)("GET")).json());
  t.strictSame(await list("primary"), ["Own"]);
  t.strictSame(await list("ana@example.com"), ["Own"]);
  t.strictSame(await list(TEAM), ["Meeting"]);
  t.strictSame(await list("Team@Group.Calendar.Google.com"), ["Meeting"], "case doesn't matter");
  t.strictSame(await list(ROOMS), []);
  t.match((await calendar(TEAM)("GET")).json(), { summary: TEAM, timeZone: "America/Bogota" });
});

t.test("every events route works on a further calendar, and on it alone", async (t) => {
  const { app } = startSandbox(t);
  const calendar = await calendarsOf(app, [{ id: TEAM }]);
  const [team, primary] = [calendar(TEAM), calendar()];
  const payload = { id: "shared", summary: "A", start, end };
  t.equal((await team("POST", "", { payload })).statusCode, 200);
  t.equal((await team("POST", "", { payload })).statusCode, 409);
  t.equal((await primary("GET", "/shared")).statusCode, 404);
  t.equal((await primary("DELETE", "/shared")).statusCode, 404);
  t.equal((await primary("POST", "", { payload })).statusCode, 200, "an id is taken in its calendar only");
  t.match((await team("GET", "/shared?fields=summary")).json(), { summary: "A" });
  t.match((await team("PATCH", "/shared", { payload: { summary: "B" } })).json(), { summary: "B" });
  t.match((await team("PUT", "/shared", { payload: { summary: "C", start, end } })).json(), { summary: "C" });
  const recurrence = ["RRULE:FREQ=DAILY;COUNT=3"];
  const series = { id: "series", start: { ...start, timeZone: "America/Bogota" }, end, recurrence };
  await team("POST", "", { payload: series });
  t.equal((await team("GET", "?singleEvents=true")).json().items.length, 4);
  t.equal((await team("DELETE", "/shared")).statusCode, 204);
  t.equal((await team("DELETE", "/shared")).statusCode, 410);
  t.match((await primary("GET", "/shared")).json(), { status: "confirmed", summary: "A" });
});

t.test("a calendar has a zone of its own, or its account's", async (t) => {
  const { app } = startSandbox(t);
  const allDay = { summary: "All day", start: "2027-01-18", end: "2027-01-19" };
  const calendar = await calendarsOf(app, [
    { id: TEAM, time_zone: "Europe/Madrid", events: [meeting, allDay] },
    { id: ROOMS, events: [meeting] },
  ]);
  const listed = async (id: string, params: Params = {}) =>
    (await calendar(id)("GET", `?${encode({ ...params, fields: "timeZone,items(summary,start)" })}`)).json();
  const [team, rooms] = [await listed(TEAM), await listed(ROOMS)];
  const startOf = ({ items }: { items: TestEvent[] }) =>
    items.find(({ summary }) => summary === "Meeting")?.start;
  t.equal(team.timeZone, "Europe/Madrid");
  t.same(startOf(team), { dateTime: "2027-01-18T10:00:00+01:00", timeZone: "Europe/Madrid" });
  t.equal(rooms.timeZone, "America/Bogota");
  t.same(startOf(rooms), { dateTime: "2027-01-18T10:00:00-05:00", timeZone: "America/Bogota" });
  const afterMadridsMidnight = await listed(TEAM, { timeMin: "2027-01-19T00:00:00+01:00" });
  t.same(afterMadridsMidnight.items, [], "a day is as long as in the calendar's zone");
});

t.test("a further calendar organises its own events; `self` is the calendar, not the person", async (t) => {
  const { app } = startSandbox(t);
  const calendar = await calendarsOf(app, [{ id: TEAM }]);
  const attendees = [{ email: "ana@example.com" }, { email: TEAM }];
  const recurrence = ["RRULE:FREQ=DAILY;COUNT=2"];
  const zoned = { start: { ...start, timeZone: "America/Bogota" }, end };
  await calendar(TEAM)("POST", "", { payload: { id: "series", ...zoned, recurrence, attendees } });
  const { items } = (await calendar(TEAM)("GET", "?singleEvents=true")).json();
  t.equal(items.length, 2);
  for (const event of items) {
    t.same(event.organizer, { email: TEAM, self: true });
    t.same(event.creator, { email: "ana@example.com" });
    t.same(event.attendees, [
      { email: "ana@example.com", responseStatus: "needsAction" },
      { email: TEAM, responseStatus: "needsAction", self: true },
    ]);
    const eid = new URL(event.htmlLink).searchParams.get("eid") ?? "";
    t.equal(Buffer.from(eid, "base64url").toString(), `${event.id} ${TEAM}`);
  }
});

t.test("a calendar the account doesn't have is Google's 404", async (t) => {
  const { app } = startSandbox(t);
  await make(app, { email: "luis@example.com", calendars: [{ id: ROOMS, events: [meeting] }] });
  const calendar = await calendarsOf(app, [{ id: TEAM }]);
  const error = { code: 404, message: "Not Found", errors: [{ domain: "global", reason: "notFound" }] };
  for (const id of [ROOMS, "luis@example.com", "team", "Primary"]) {
    for (const [method, path] of [
      ["GET", ""],
      ["POST", ""],
      ["GET", "/event"],
      ["PATCH", "/event"],
      ["PUT", "/event"],
      ["DELETE", "/event"],
    ] as const) {
      const payload = method === "GET" || method === "DELETE" ? {} : { payload: { start, end } };
      const response = await calendar(id)(method, path, payload);
      t.match({ http: response.statusCode, ...response.json() }, { http: 404, error }, `${method} ${id}`);
    }
  }
  const readOnly = "https://www.googleapis.com/auth/calendar.readonly";
  const reader = calendarCaller(app, await signIn(app, { scope: readOnly, granted: readOnly }), TEAM);
  t.equal((await reader("GET")).statusCode, 200);
  t.equal((await reader("POST", "", { payload: { start, end } })).statusCode, 403);
});

t.test("a page token is good for its own calendar only", async (t) => {
  const { app } = startSandbox(t);
  const calendar = await calendarsOf(app, [{ id: TEAM, events: [meeting, meeting] }], [meeting, meeting]);
  const { nextPageToken } = (await calendar(TEAM)("GET", "?maxResults=1")).json();
  const next = `?${encode({ maxResults: "1", pageToken: nextPageToken })}`;
  t.equal((await calendar(TEAM)("GET", next)).json().items.length, 1);
  t.equal((await calendar()("GET", next)).statusCode, 400);
});

t.test("the control makes, shows and replaces further calendars", async (t) => {
  const { app } = startSandbox(t);
  const made = await make(app, {
    events: [{ ...meeting, summary: "Own" }],
    calendars: [{ id: "Team@Group.calendar.google.com", time_zone: "Europe/Madrid", events: [meeting] }],
  });
  t.match(made.json(), {
    events: [{ summary: "Own" }],
    calendars: [{ id: TEAM, time_zone: "Europe/Madrid", events: [{ summary: "Meeting" }] }],
  });
  const primary = (await stored(app, {})).json();
  t.strictSame(Object.keys(primary), ["email", "sub", "time_zone", "events"]);
  t.match(primary, { time_zone: "America/Bogota", events: [{ summary: "Own" }] });
  for (const calendar of ["primary", "Ana@example.com"]) {
    t.same((await stored(app, { calendar })).json(), { ...primary, calendar: "ana@example.com" });
  }
  const team = (await stored(app, { calendar: "TEAM@group.calendar.google.com" })).json();
  t.match(team, { email: "ana@example.com", sub: primary.sub, calendar: TEAM, time_zone: "Europe/Madrid" });
  t.strictSame(summaries({ items: team.events }), ["Meeting"]);
  const unknown = await stored(app, { calendar: ROOMS });
  t.match([unknown.statusCode, unknown.json().message], [404, "no such calendar"]);

  t.same((await make(app, {})).json().calendars, []);
  t.equal((await stored(app, { calendar: TEAM })).statusCode, 404, "made again without it");
});

t.test("calendars that make no sense are refused, and nothing is made", async (t) => {
  const { app } = startSandbox(t);
  for (const calendars of [
    {},
    [{}],
    [{ id: "primary" }],
    [{ id: "ANA@example.com" }],
    [{ id: TEAM }, { id: TEAM.toUpperCase() }],
    [{ id: TEAM, time_zone: "Madrid" }],
    [{ id: TEAM, timezone: "Europe/Madrid" }],
    [{ id: TEAM }, { id: ROOMS, events: [{ ...meeting, start: "soon" }] }],
  ]) {
    const response = await make(app, { calendars });
    t.match([response.statusCode, response.json().message], [400, String], JSON.stringify(calendars));
  }
  t.equal((await stored(app, {})).statusCode, 404);
});

t.test("each calendar's calls are counted, and faulted, by its own path", async (t) => {
  const { app } = startSandbox(t);
  const calendar = await calendarsOf(app, [{ id: TEAM }, { id: ROOMS }]);
  await app.inject({ method: "DELETE", url: "/_sandbox/calls" });
  const path = eventsPath(TEAM);
  await app.inject({ method: "POST", url: "/_sandbox/faults", payload: { path, status: 503 } });
  t.equal((await calendar(TEAM)("GET", "?singleEvents=true")).statusCode, 503);
  t.equal((await calendar(TEAM)("DELETE", "/event")).statusCode, 503);
  t.equal((await calendar(ROOMS)("GET")).statusCode, 200);
  t.equal((await calendar()("GET")).statusCode, 200);
  t.same((await app.inject("/_sandbox/calls")).json(), {
    total: 4,
    by: {
      "GET /calendar/v3/calendars/team%40group.calendar.google.com/events": 1,
      "DELETE /calendar/v3/calendars/team%40group.calendar.google.com/events/event": 1,
      "GET /calendar/v3/calendars/rooms%40group.calendar.google.com/events": 1,
      "GET /calendar/v3/calendars/primary/events": 1,
    },
  });
});
