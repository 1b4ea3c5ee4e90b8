import t from "tap";
import { calendarOf, startSandbox } from "./sandbox-session.ts";

const start = { dateTime: "2027-01-18T10:00:00-05:00" };
const end = { dateTime: "2027-01-18T10:30:00-05:00" };

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
