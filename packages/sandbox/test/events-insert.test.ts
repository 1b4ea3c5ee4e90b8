import t from "tap";
import { calendarOf, startSandbox } from "./sandbox-session.ts";

const start = { dateTime: "2027-01-18T10:00:00-05:00" };
const end = { dateTime: "2027-01-18T10:30:00-05:00" };

t.test("everything a client may write comes back", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const written = {
    id: "abc01234",
    summary: "Cita",
    description: "Notas",
    location: "Sede Norte",
    colorId: "5",
    status: "tentative",
    transparency: "transparent",
    visibility: "private",
    eventType: "focusTime",
    iCalUID: "own@example.com",
    extendedProperties: { private: { cita: "1" }, shared: { room: "2" } },
    reminders: { useDefault: false, overrides: [{ method: "email", minutes: 60 }] },
    source: { title: "Cita", url: "https://example.com" },
    guestsCanInviteOthers: false,
  };
  const attendees = [
    { email: "ana@example.com", responseStatus: "accepted" },
    { email: "c@example.com", displayName: "C" },
  ];
  const inserted = await call("POST", "?sendUpdates=all", { payload: { ...written, start, end, attendees } });
  t.equal(inserted.statusCode, 200);
  t.match(inserted.json(), {
    ...written,
    start: { ...start, timeZone: "America/Bogota" },
    attendees: [
      { email: "ana@example.com", responseStatus: "accepted", self: true },
      { email: "c@example.com", displayName: "C", responseStatus: "needsAction" },
    ],
  });
  t.same((await call("GET", "/abc01234")).json(), inserted.json());
});

t.test("what a client can't write is ignored, and defaults are left out", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const forged = {
    etag: '"1"',
    created: "2001-01-01T00:00:00Z",
    organizer: { email: "x@y.zz" },
    htmlLink: "x",
    nonsense: 1,
  };
  const event = (
    await call("POST", "", {
      payload: { start, end, transparency: "opaque", visibility: "default", ...forged },
    })
  ).json();
  t.match(event, { id: /^[a-v0-9]{26}$/, created: "2027-01-18T14:00:00.000Z", organizer: { self: true } });
  t.not(event.etag, '"1"');
  for (const field of ["nonsense", "transparency", "visibility", "summary"]) t.notOk(field in event, field);
});

t.test("times may carry an offset, a zone, or be dates", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const insert = async (from: object, to: object) => {
    const response = await call("POST", "", { payload: { start: from, end: to } });
    return response.statusCode === 200 ? response.json().start : response.json().error;
  };
  const local = "2027-01-18T10:00:00";
  t.same(await insert({ dateTime: local, timeZone: "Europe/Madrid" }, end), {
    dateTime: "2027-01-18T04:00:00-05:00",
    timeZone: "Europe/Madrid",
  });
  t.same(await insert({ date: "2027-01-18" }, { date: "2027-01-19" }), { date: "2027-01-18" });
  t.match(await insert(start, start), { dateTime: start.dateTime }, "an empty event is allowed");

  const refused: [object, object, object][] = [
    [
      { dateTime: local },
      end,
      { message: "Missing time zone definition for start time.", errors: [{ reason: "required" }] },
    ],
    [start, {}, { message: "Missing end time.", errors: [{ reason: "required" }] }],
    [end, start, { errors: [{ domain: "calendar", reason: "timeRangeEmpty" }] }],
    [start, { date: "2027-01-19" }, { message: /either both be date/ }],
    [{ ...start, date: "2027-01-18" }, end, { message: "Invalid start time." }],
    [{ dateTime: "tomorrow" }, end, { message: /Invalid format/ }],
    [{ dateTime: "2027-02-30T10:00:00", timeZone: "UTC" }, end, { message: /Invalid format/ }],
    [{ date: "2027-02-30" }, { date: "2027-03-01" }, { message: /Invalid format/ }],
    [{ dateTime: local, timeZone: "Nowhere" }, end, { message: /Invalid time zone/ }],
  ];
  for (const [from, to, error] of refused) t.match(await insert(from, to), { code: 400, ...error });
});

t.test("an event's id is taken for good", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const payload = { id: "taken0", start, end };
  t.equal((await call("POST", "", { payload })).statusCode, 200);
  const duplicate = {
    error: {
      code: 409,
      message: "The requested identifier already exists.",
      errors: [
        { domain: "global", reason: "duplicate", message: "The requested identifier already exists." },
      ],
    },
  };
  t.same((await call("POST", "", { payload })).json(), duplicate);
  await call("DELETE", "/taken0");
  t.same((await call("POST", "", { payload })).json(), duplicate, "even once deleted");

  const long = "a".repeat(1024);
  t.equal((await call("POST", "", { payload: { ...payload, id: long } })).statusCode, 200);
  t.equal((await call("GET", `/${long}`)).statusCode, 200);
  for (const id of ["four", "with-dash", "UPPER", "wxyz0", `${long}a`, "", 12345]) {
    const response = await call("POST", "", { payload: { ...payload, id } });
    t.match(
      { status: response.statusCode, ...response.json() },
      { status: 400, error: { message: "Invalid resource id value." } },
      `${id}`.slice(0, 20),
    );
  }
});

t.test("bodies and parameters that don't fit are refused", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  for (const bad of [
    { status: "maybe" },
    { transparency: "clear" },
    { eventType: "party" },
    { eventType: "fromGmail" },
    { attendees: [{}] },
    { summary: 5 },
    { recurrence: "RRULE:FREQ=DAILY" },
  ]) {
    t.equal(
      (await call("POST", "", { payload: { start, end, ...bad } })).statusCode,
      400,
      JSON.stringify(bad),
    );
  }
  for (const query of ["?sendUpdates=some", "?conferenceDataVersion=2"]) {
    t.equal((await call("POST", query, { payload: { start, end } })).statusCode, 400, query);
  }
  const headers = { "content-type": "application/json" };
  const broken = await app.inject({
    method: "POST",
    url: "/calendar/v3/calendars/primary/events",
    payload: "{",
    headers,
  });
  t.match(
    { status: broken.statusCode, ...broken.json() },
    { status: 400, error: { code: 400, errors: [{}] } },
  );
});

t.test("a Meet link is made for those who ask with conferenceDataVersion=1", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const conferenceData = {
    createRequest: { requestId: "r1", conferenceSolutionKey: { type: "hangoutsMeet" } },
  };
  const without = (await call("POST", "", { payload: { start, end, conferenceData } })).json();
  t.notOk("conferenceData" in without);
  const made = (
    await call("POST", "?conferenceDataVersion=1", { payload: { id: "meeting", start, end, conferenceData } })
  ).json();
  t.match(made, {
    hangoutLink: /^https:\/\/meet\.google\.com\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/,
    conferenceData: {
      createRequest: { requestId: "r1", status: { statusCode: "success" } },
      entryPoints: [{ entryPointType: "video", uri: made.hangoutLink }],
    },
  });
  const kept = (await call("PATCH", "/meeting", { payload: { conferenceData: null } })).json();
  t.equal(
    kept.hangoutLink,
    made.hangoutLink,
    "the version guards it from clients that don't know conferences",
  );
  t.ok((await call("PUT", "/meeting", { payload: { start, end } })).json().conferenceData);
  const removed = (
    await call("PATCH", "/meeting?conferenceDataVersion=1", { payload: { conferenceData: null } })
  ).json();
  t.notOk("hangoutLink" in removed);
  t.notOk("conferenceData" in removed);
  t.equal(
    (
      await call("POST", "?conferenceDataVersion=1", {
        payload: { start, end, conferenceData: { createRequest: {} } },
      })
    ).statusCode,
    400,
  );
});
