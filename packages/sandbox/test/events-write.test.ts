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

t.test("a sendUpdates Google would refuse changes nothing, whichever the write", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const before = (await call("POST", "", { payload: { id: "quiet", summary: "A", start, end } })).json();
  for (const method of ["POST", "PATCH", "PUT", "DELETE"] as const) {
    const path = method === "POST" ? "" : "/quiet";
    const payload = method === "DELETE" ? {} : { payload: { summary: "B", start, end } };
    const response = await call(method, `${path}?sendUpdates=some`, payload);
    t.equal(response.statusCode, 400, method);
    t.match(response.json(), {
      error: { errors: [{ reason: "invalidParameter", location: "sendUpdates" }] },
    });
  }
  t.same((await call("GET")).json().items, [before]);
  for (const sendUpdates of ["all", "externalOnly", "none"]) {
    const response = await call("PATCH", `/quiet?sendUpdates=${sendUpdates}`, { payload: {} });
    t.equal(response.statusCode, 200, sendUpdates);
  }
  t.equal((await call("DELETE", "/quiet?sendUpdates=externalOnly")).statusCode, 204);
});

t.test("a patch merges objects, replaces lists and removes with null", async (t) => {
  const { app, clock } = startSandbox(t);
  const { call } = await calendarOf(app);
  const before = (
    await call("POST", "", {
      payload: {
        id: "patched",
        summary: "A",
        location: "L",
        start,
        end,
        extendedProperties: { private: { a: "1", b: "2" } },
        attendees: [{ email: "a@b.co" }, { email: "c@d.co" }],
      },
    })
  ).json();
  clock.ms += 5000;
  const changes = {
    summary: "B",
    location: null,
    extendedProperties: { private: { b: null, c: "3" } },
    attendees: [{ email: "c@d.co" }],
  };
  const after = (await call("PATCH", "/patched", { payload: changes })).json();
  t.match(after, {
    summary: "B",
    created: before.created,
    updated: "2027-01-18T14:00:05.000Z",
    sequence: 1,
    start: before.start,
  });
  t.notOk("location" in after);
  t.same(after.extendedProperties, { private: { a: "1", c: "3" } });
  t.equal(after.attendees.length, 1);
  t.not(after.etag, before.etag);

  const longer = await call("PATCH", "/patched", { payload: { end: { dateTime: "2027-01-18T11:00:00" } } });
  t.match(longer.json(), { end: { dateTime: "2027-01-18T11:00:00-05:00" } }, "the zone known before is kept");
  t.equal((await call("PATCH", "/patched", { payload: { start: { date: "2027-01-18" } } })).statusCode, 400);
  t.equal((await call("PATCH", "/unknown", { payload: {} })).statusCode, 404);
});

t.test("an update replaces all a client may write", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const before = (
    await call("POST", "", { payload: { id: "updated", summary: "A", location: "L", start, end } })
  ).json();
  const after = (await call("PUT", "/updated", { payload: { summary: "B", start, end } })).json();
  t.match(after, {
    id: "updated",
    summary: "B",
    created: before.created,
    iCalUID: before.iCalUID,
    sequence: 1,
  });
  t.notOk("location" in after);
  t.equal((await call("PUT", "/updated", { payload: { summary: "C" } })).statusCode, 400);
});

t.test("If-Match holds a write back where the event changed", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  const { etag } = (await call("POST", "", { payload: { id: "matched", start, end } })).json();
  const changed = (
    await call("PATCH", "/matched", { payload: { summary: "B" }, headers: { "if-match": etag } })
  ).json();
  t.equal(changed.summary, "B");
  for (const method of ["PATCH", "PUT", "DELETE"] as const) {
    const payload = method === "DELETE" ? {} : { payload: { summary: "C", start, end } };
    const response = await call(method, "/matched", { ...payload, headers: { "if-match": etag } });
    t.equal(response.statusCode, 412, method);
    t.match(response.json(), {
      error: { code: 412, errors: [{ domain: "global", reason: "conditionNotMet", location: "If-Match" }] },
    });
  }
  t.equal((await call("GET", "/matched")).json().summary, "B");
  t.equal(
    (await call("DELETE", "/matched", { headers: { "if-match": `"0", ${changed.etag}` } })).statusCode,
    204,
  );
});

t.test("a deleted event is cancelled, gone, and can be brought back", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app);
  await call("POST", "", { payload: { id: "deleted", start, end } });
  const json = { "content-type": "application/json" };
  const deleted = await call("DELETE", "/deleted?sendUpdates=none", { headers: json });
  t.equal(deleted.statusCode, 204);
  t.equal(deleted.body, "");
  t.match((await call("GET", "/deleted")).json(), { id: "deleted", status: "cancelled" });
  const again = await call("DELETE", "/deleted");
  t.equal(again.statusCode, 410);
  t.match(again.json(), {
    error: {
      code: 410,
      message: "Resource has been deleted",
      errors: [{ domain: "global", reason: "deleted" }],
    },
  });
  t.equal((await call("DELETE", "/unknown")).statusCode, 404);
  t.equal((await call("GET", "/unknown")).statusCode, 404);
  t.match((await call("PATCH", "/deleted", { payload: { status: "confirmed" } })).json(), {
    status: "confirmed",
  });
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
