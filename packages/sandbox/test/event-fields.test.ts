import t from "tap";
import { calendarOf, encode, startSandbox } from "./sandbox-session.ts";

t.test("fields cuts answers down to what was asked for", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(app, [
    {
      id: "mine1",
      summary: "Secret",
      start: "2027-01-18T10:00",
      end: "2027-01-18T11:00",
      attendees: [{ email: "a@b.co" }, { email: "ana@example.com", responseStatus: "declined" }],
    },
  ]);
  const start = { dateTime: "2027-01-18T10:00:00-05:00", timeZone: "America/Bogota" };
  const expected: [string, object][] = [
    ["timeZone", { timeZone: "America/Bogota" }],
    ["items(id,start)", { items: [{ id: "mine1", start }] }],
    ["items/id,items/start/dateTime", { items: [{ id: "mine1", start: { dateTime: start.dateTime } }] }],
    [
      "items(attendees(self,responseStatus))",
      {
        items: [
          { attendees: [{ responseStatus: "needsAction" }, { responseStatus: "declined", self: true }] },
        ],
      },
    ],
    ["items/start/*, nextPageToken", { items: [{ start }] }],
    ["items(start(dateTime),start/timeZone)", { items: [{ start }] }],
    ["items(id,extendedProperties/private/anything)", { items: [{ id: "mine1" }] }],
  ];
  for (const [fields, answer] of expected) t.same(await list({ fields }), answer, fields);
  t.same(Object.keys(await list({ fields: "*" })), Object.keys(await list()));
  t.same((await call("GET", "/mine1?fields=id,status")).json(), { id: "mine1", status: "confirmed" });

  for (const fields of ["items(id,titel)", "items(", "items)", "items/", ",", "items(id)start", "start"]) {
    const response = await call("GET", `?${encode({ fields })}`);
    t.match(
      { status: response.statusCode, ...response.json() },
      { status: 400, error: { errors: [{ reason: "invalidParameter", location: "fields" }] } },
      fields,
    );
  }
  const unwritten = await call("POST", "?fields=nothing", {
    payload: { id: "notmade", ...{ start, end: start } },
  });
  t.equal(unwritten.statusCode, 400);
  t.equal((await call("GET", "/notmade")).statusCode, 404, "a refused insert leaves nothing behind");
});

t.test("fields reach what a client keeps on an event, and what makes it the same event", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(app);
  const extendedProperties = { private: { cita: "1", id: "b1" }, shared: { room: "2" } };
  const conferenceData = { createRequest: { requestId: "r1" } };
  const times = { start: { date: "2027-01-18" }, end: { date: "2027-01-19" } };
  const payload = { id: "booked", ...times, extendedProperties, conferenceData };
  const whole = (await call("POST", "?conferenceDataVersion=1", { payload })).json();
  const kept = { private: extendedProperties.private };
  const { etag, hangoutLink } = whole;
  t.match({ etag, hangoutLink }, { etag: /^"\d+"$/, hangoutLink: /^https:/ });
  const expected: [string, object][] = [
    ["extendedProperties/private,hangoutLink,etag", { extendedProperties: kept, hangoutLink, etag }],
    ["extendedProperties(private)", { extendedProperties: kept }],
    ["extendedProperties/private/cita", { extendedProperties: { private: { cita: "1" } } }],
  ];
  for (const [fields, answer] of expected) {
    t.same((await call("GET", `/booked?${encode({ fields })}`)).json(), answer, fields);
    t.same(await list({ fields: `items(${fields})` }), { items: [answer] }, `items(${fields})`);
  }
});
