import t from "tap";
import {
  CALENDAR_SCOPE,
  calendarCaller,
  calendarOf,
  EVENTS,
  encode,
  eventsPath,
  type Params,
  signIn,
  startSandbox,
  summaries,
} from "./sandbox-session.ts";

const hour = (day: string, from: string, to: string) => ({
  start: `2027-01-${day}T${from}`,
  end: `2027-01-${day}T${to}`,
});

t.test("a list says whose calendar it is, and events carry what Google fills in", async (t) => {
  const { app } = startSandbox(t);
  const { list } = await calendarOf(app, [{ summary: "Cita", ...hour("18", "10:00", "10:30") }]);
  const answer = await list();
  t.match(answer, {
    kind: "calendar#events",
    etag: /^".+"$/,
    summary: "ana@example.com",
    updated: "2027-01-18T14:00:00.000Z",
    timeZone: "America/Bogota",
    accessRole: "owner",
    defaultReminders: [{ method: "popup" }],
  });
  t.equal(answer.nextPageToken, undefined);
  t.match(answer.items, [
    {
      kind: "calendar#event",
      id: /^[a-v0-9]{26}$/,
      etag: /^"\d+"$/,
      status: "confirmed",
      htmlLink: /^https:\/\/www\.google\.com\/calendar\/event\?eid=/,
      summary: "Cita",
      creator: { email: "ana@example.com", self: true },
      organizer: { email: "ana@example.com", self: true },
      start: { dateTime: "2027-01-18T10:00:00-05:00", timeZone: "America/Bogota" },
      end: { dateTime: "2027-01-18T10:30:00-05:00", timeZone: "America/Bogota" },
      iCalUID: /@google\.com$/,
      sequence: 0,
      reminders: { useDefault: true },
      eventType: "default",
    },
  ]);
});

t.test("timeMin bounds ends and timeMax bounds starts, both exclusive", async (t) => {
  const { app } = startSandbox(t);
  const { list } = await calendarOf(app, [
    { summary: "before", ...hour("18", "09:00", "10:00") },
    { summary: "across the start", ...hour("18", "09:30", "10:01") },
    { summary: "inside", ...hour("18", "10:30", "10:45") },
    { summary: "across the end", ...hour("18", "10:59", "12:00") },
    { summary: "after", ...hour("18", "11:00", "12:00") },
    { summary: "all day", start: "2027-01-18", end: "2027-01-19" },
    { summary: "the day before", start: "2027-01-17", end: "2027-01-18" },
  ]);
  const range = { timeMin: "2027-01-18T10:00:00-05:00", timeMax: "2027-01-18T16:00:00Z" };
  const found = summaries(await list({ ...range, singleEvents: "true", orderBy: "startTime" }));
  t.strictSame(found, ["all day", "across the start", "inside", "across the end"]);
});

t.test("times show in the calendar's zone, or in the one asked for", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(
    app,
    [
      {
        id: "jan01",
        start: { dateTime: "2027-01-18T10:00:00", timeZone: "America/Bogota" },
        end: "2027-01-18T16:00:00Z",
      },
      { id: "jul01", start: "2027-07-01T10:00:00", end: "2027-07-01T11:00:00" },
    ],
    "Europe/London",
  );
  const starts = async (params: Params = {}) =>
    (await list({ orderBy: "updated", ...params })).items?.map((e) => e.start);
  t.strictSame(await starts(), [
    { dateTime: "2027-01-18T15:00:00Z", timeZone: "America/Bogota" },
    { dateTime: "2027-07-01T10:00:00+01:00", timeZone: "Europe/London" },
  ]);
  t.strictSame((await starts({ timeZone: "Asia/Kolkata" }))?.[0], {
    dateTime: "2027-01-18T20:30:00+05:30",
    timeZone: "America/Bogota",
  });
  t.equal((await list({ timeZone: "Asia/Kolkata" })).timeZone, "Asia/Kolkata");
  t.match((await call("GET", "/jan01?timeZone=America/New_York")).json(), {
    start: { dateTime: "2027-01-18T10:00:00-05:00" },
  });
  t.equal((await call("GET", "/jan01?timeZone=Mars")).statusCode, 400);
});

t.test("pages join into the whole list, whatever is written in between", async (t) => {
  const { app } = startSandbox(t);
  const minutes = Array.from({ length: 23 }, (_, i) => String(i + 10));
  const { list, call } = await calendarOf(
    app,
    minutes.map((minute) => ({
      id: `event${minute}`,
      summary: minute,
      ...hour("18", `10:${minute}`, "11:00"),
    })),
  );
  const query = { singleEvents: "true", orderBy: "startTime", maxResults: "10" };
  const first = await list(query);
  t.strictSame(summaries(first), minutes.slice(0, 10));
  await call("DELETE", "/event12");
  const second = await list({ ...query, pageToken: first.nextPageToken ?? "" });
  t.strictSame(summaries(second), minutes.slice(10, 20));
  const third = await list({ ...query, pageToken: second.nextPageToken ?? "" });
  t.strictSame(summaries(third), minutes.slice(20));
  t.equal(third.nextPageToken, undefined);

  const token = first.nextPageToken ?? "";
  for (const params of [
    { ...query, pageToken: "garbage" },
    { ...query, showDeleted: "true", pageToken: token },
  ]) {
    const response = await call("GET", `?${encode(params)}`);
    t.match(
      { status: response.statusCode, ...response.json() },
      { status: 400, error: { message: /page token/ } },
    );
  }
});

t.test("lists filter by property, type, text, UID and change", async (t) => {
  const { app, clock } = startSandbox(t);
  const mine = { private: { cita: "1", kind: "booking" }, shared: { room: "a=b" } };
  const { list, call } = await calendarOf(app, [
    { id: "mine1", summary: "Mine", ...hour("18", "10:00", "11:00"), extendedProperties: mine },
    {
      id: "gone1",
      summary: "Away",
      ...hour("18", "10:00", "11:00"),
      eventType: "outOfOffice",
      iCalUID: "u@x",
    },
    {
      id: "other",
      summary: "Other",
      ...hour("18", "10:00", "11:00"),
      attendees: [{ email: "laura@example.com" }],
    },
  ]);
  const found = async (params: Params) => summaries(await list({ orderBy: "updated", ...params }));
  t.strictSame(await found({ privateExtendedProperty: "cita=1" }), ["Mine"]);
  t.strictSame(await found({ privateExtendedProperty: ["cita=1", "kind=other"] }), []);
  t.strictSame(await found({ sharedExtendedProperty: "room=a=b" }), ["Mine"]);
  t.strictSame(await found({ eventTypes: "outOfOffice" }), ["Away"]);
  t.strictSame(await found({ iCalUID: "u@x" }), ["Away"]);
  t.strictSame(await found({ q: "LAURA" }), ["Other"]);
  clock.ms += 60_000;
  await call("PATCH", "/mine1", { payload: { summary: "Changed" } });
  t.strictSame(await found({ updatedMin: "2027-01-18T14:01:00Z" }), ["Changed"]);
});

t.test("deleted events show only where asked for", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(app, [
    { id: "gone1", summary: "Gone", ...hour("18", "10:00", "11:00") },
  ]);
  await call("DELETE", "/gone1");
  t.strictSame((await list()).items, []);
  t.match((await list({ showDeleted: "true" })).items, [{ id: "gone1", status: "cancelled" }]);
});

t.test("parameters Google would refuse are refused", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const refused: [Params, string][] = [
    [{ timeMin: "2027-01-18" }, "badRequest"],
    [{ timeMin: "2027-01-18T10:00:00" }, "badRequest"],
    [{ timeMax: "2027-13-18T10:00:00Z" }, "badRequest"],
    [{ timeMin: "2027-01-18T10:00:00Z", timeMax: "2027-01-18T10:00:00Z" }, "timeRangeEmpty"],
    [{ orderBy: "startTime" }, "invalid"],
    [{ orderBy: "summary" }, "invalidParameter"],
    [{ singleEvents: "yes" }, "invalidParameter"],
    [{ maxResults: "0" }, "invalidParameter"],
    [{ maxResults: "many" }, "invalidParameter"],
    [{ timeZone: "Bogota" }, "invalid"],
    [{ privateExtendedProperty: "cita" }, "invalid"],
    [{ syncToken: "abc" }, "invalid"],
    [{ fields: "items(id" }, "invalidParameter"],
  ];
  for (const [params, reason] of refused) {
    const response = await call("GET", `?${encode(params)}`);
    t.equal(response.statusCode, 400, JSON.stringify(params));
    t.match(response.json(), {
      error: { code: 400, message: String, errors: [{ domain: String, reason, message: String }] },
    });
  }
  // An offset whose plus sign wasn't encoded arrives as a space.
  t.equal((await call("GET", "?timeMin=2027-01-18T10:00:00+01:00")).statusCode, 400);
  t.equal((await call("GET", "?maxResults=9999")).statusCode, 200, "a large page is cut, not refused");
});

t.test("a calendar answers to primary and to its owner's e-mail, for a good token", async (t) => {
  const { app } = startSandbox(t);
  const tokens = await signIn(app);
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  const bearer = { authorization: `Bearer ${tokens.access_token}` };
  t.equal((await get(EVENTS, bearer)).statusCode, 200);
  t.equal((await get(eventsPath("Ana@example.com"), bearer)).statusCode, 200);
  t.equal((await get(`${EVENTS}?access_token=${tokens.access_token}`)).statusCode, 200);

  const missing = await get(eventsPath("other@example.com"), bearer);
  t.equal(missing.statusCode, 404);
  t.same(missing.json(), {
    error: {
      code: 404,
      message: "Not Found",
      errors: [{ domain: "global", reason: "notFound", message: "Not Found" }],
    },
  });
  t.equal((await get("/calendar/v3/users/me/calendarList", bearer)).json().error.code, 404);

  const bad: [Record<string, string>, string][] = [
    [{}, "required"],
    [{ authorization: "Bearer ya29.invented" }, "authError"],
    [{ authorization: "Basic abc" }, "authError"],
  ];
  for (const [headers, reason] of bad) {
    const response = await get(EVENTS, headers);
    t.equal(response.statusCode, 401);
    t.match(response.headers["www-authenticate"], /^Bearer realm=/);
    t.match(response.json(), {
      error: {
        code: 401,
        status: "UNAUTHENTICATED",
        errors: [{ domain: "global", reason, location: "Authorization", locationType: "header" }],
      },
    });
  }
  const calendar = calendarCaller(
    app,
    await signIn(app, {
      scope: "https://www.googleapis.com/auth/calendar",
      granted: "https://www.googleapis.com/auth/calendar",
    }),
  );
  t.equal((await calendar("GET")).statusCode, 200, `the wide scope includes ${CALENDAR_SCOPE}`);
});
