import t from "tap";
import { calendarOf, type Params, startSandbox } from "./sandbox-session.ts";

const ZONE = "America/New_York";
const EXPANDED = { singleEvents: "true", orderBy: "startTime" };
const at = (dateTime: string) => ({ dateTime, timeZone: ZONE });
const series = (recurrence: string[], day = "2027-03-08") => ({
  id: "series",
  summary: "Serie",
  start: at(`${day}T09:00:00`),
  end: at(`${day}T09:30:00`),
  recurrence,
});

/** The local starts of what an expanded list shows. */
async function startsOf(list: Awaited<ReturnType<typeof calendarOf>>["list"], params: Params = {}) {
  const { items } = await list({ ...EXPANDED, timeMax: "2028-01-01T00:00:00Z", ...params });
  return items?.map(({ start }) => start?.dateTime ?? start?.date);
}

t.test("instances keep their wall time across daylight saving", async (t) => {
  const { app } = startSandbox(t);
  const { list } = await calendarOf(app, [series(["RRULE:FREQ=WEEKLY;COUNT=3"])], ZONE);
  const { items } = await list(EXPANDED);
  t.match(items, [
    {
      id: "series_20270308T140000Z",
      start: { dateTime: "2027-03-08T09:00:00-05:00" },
      end: { dateTime: "2027-03-08T09:30:00-05:00" },
    },
    {
      id: "series_20270315T130000Z",
      start: { dateTime: "2027-03-15T09:00:00-04:00" },
      end: { dateTime: "2027-03-15T09:30:00-04:00" },
    },
    { id: "series_20270322T130000Z" },
  ]);
  t.match(items?.[1], {
    summary: "Serie",
    recurringEventId: "series",
    originalStartTime: { dateTime: "2027-03-15T09:00:00-04:00", timeZone: ZONE },
    iCalUID: "series@google.com",
  });
  t.equal(items?.[1]?.recurrence, undefined);
});

t.test(
  "instances of an all-day event that ends on its own date do so too, and are over when they begin",
  async (t) => {
    const { app } = startSandbox(t);
    const weekly = { start: "2027-03-08", end: "2027-03-08", recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3"] };
    const { list } = await calendarOf(app, [weekly], ZONE);
    const { items } = await list({ ...EXPANDED, timeMin: "2027-03-08T05:00:00Z" });
    t.match(items, [
      { start: { date: "2027-03-15" }, end: { date: "2027-03-15" } },
      { start: { date: "2027-03-22" }, end: { date: "2027-03-22" } },
    ]);
    t.equal(items?.length, 2);
  },
);

t.test("rules count, end, skip and except", async (t) => {
  const { app } = startSandbox(t);
  const expected: [string[], string[]][] = [
    [["RRULE:FREQ=DAILY;COUNT=3"], ["03-08", "03-09", "03-10"]],
    [["RRULE:FREQ=DAILY;UNTIL=20270309T140000Z"], ["03-08", "03-09"]],
    [["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3"], ["03-08", "03-22", "04-05"]],
    [["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4"], ["03-08", "03-10", "03-15", "03-17"]],
    [["RRULE:FREQ=MONTHLY;BYDAY=2MO;COUNT=3"], ["03-08", "04-12", "05-10"]],
    [["RRULE:FREQ=YEARLY;COUNT=2"], ["03-08"]],
    // The event's own start is its first instance, even off the pattern.
    [["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2"], ["03-08", "03-09"]],
    [
      ["RRULE:FREQ=DAILY;COUNT=4", `EXDATE;TZID=${ZONE}:20270309T090000`, "EXDATE:20270311T140000Z"],
      ["03-08", "03-10"],
    ],
    [
      ["RRULE:FREQ=DAILY;COUNT=1", `RDATE;TZID=${ZONE}:20270401T120000`],
      ["03-08", "04-01"],
    ],
  ];
  for (const [recurrence, days] of expected) {
    const { list } = await calendarOf(app, [series(recurrence)], ZONE);
    t.strictSame(
      (await startsOf(list))?.map((start) => start?.slice(5, 10)),
      days,
      recurrence.join(" "),
    );
  }
});

t.test("all-day series run on dates", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(
    app,
    [
      {
        id: "leisure",
        start: "2027-03-13",
        end: "2027-03-15",
        recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;VALUE=DATE:20270320"],
      },
    ],
    ZONE,
  );
  const { items } = await list(EXPANDED);
  t.match(items, [
    { id: "leisure_20270313", start: { date: "2027-03-13" }, end: { date: "2027-03-15" } },
    { id: "leisure_20270327", start: { date: "2027-03-27" }, end: { date: "2027-03-29" } },
  ]);
  // It runs into the second day, which starts at the calendar's own midnight.
  t.strictSame(await startsOf(list, { timeMin: "2027-03-15T03:59:00Z", timeMax: "2027-03-16T00:00:00Z" }), [
    "2027-03-13",
  ]);
  t.strictSame(
    await startsOf(list, { timeMin: "2027-03-15T04:00:00Z", timeMax: "2027-03-16T00:00:00Z" }),
    [],
  );
  t.match((await call("GET", "/leisure_20270327")).json(), { start: { date: "2027-03-27" } });
});

t.test("an endless series is expanded to the range, or two years on", async (t) => {
  const { app } = startSandbox(t);
  const { list } = await calendarOf(app, [series(["RRULE:FREQ=DAILY"])], ZONE);
  t.equal(
    (await startsOf(list, { timeMin: "2030-06-01T00:00:00Z", timeMax: "2030-06-04T00:00:00Z" }))?.length,
    3,
  );
  t.equal((await list({ ...EXPANDED, maxResults: "2500" })).items?.length, 731);
});

t.test("unexpanded, the master is listed where an instance falls into the range", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(app, [series(["RRULE:FREQ=WEEKLY;COUNT=2"])], ZONE);
  const { items } = await list({ timeMin: "2027-03-15T00:00:00Z", timeMax: "2027-03-16T00:00:00Z" });
  t.match(items, [{ id: "series", recurrence: ["RRULE:FREQ=WEEKLY;COUNT=2"] }]);
  t.strictSame((await list({ timeMin: "2027-03-16T00:00:00Z" })).items, []);
  await call("DELETE", "/series_20270315T130000Z");
  t.match((await list({ timeMin: "2027-03-15T00:00:00Z" })).items, [
    { id: "series_20270315T130000Z", status: "cancelled" },
  ]);
});

t.test("an instance is changed or cancelled by its own id", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(app, [series(["RRULE:FREQ=DAILY;COUNT=3"])], ZONE);
  const [, second = "", third = ""] = (await list(EXPANDED)).items?.map(({ id }) => `/${id}`) ?? [];
  t.match((await call("GET", second)).json(), {
    recurringEventId: "series",
    start: { dateTime: "2027-03-09T09:00:00-05:00" },
  });
  for (const id of ["/series_20270401T140000Z", "/series_20270309T140001Z", "/nothere_20270309T140000Z"]) {
    t.equal((await call("GET", id)).statusCode, 404, id);
  }

  const moved = {
    start: { dateTime: "2027-03-20T15:00:00-04:00" },
    end: { dateTime: "2027-03-20T15:30:00-04:00" },
  };
  t.match((await call("PATCH", second, { payload: moved })).json(), {
    recurringEventId: "series",
    originalStartTime: { dateTime: "2027-03-09T09:00:00-05:00" },
    start: { dateTime: "2027-03-20T15:00:00-04:00" },
  });
  t.equal((await call("DELETE", third)).statusCode, 204);
  t.equal((await call("DELETE", third)).statusCode, 410);
  t.strictSame(await startsOf(list), ["2027-03-08T09:00:00-05:00", "2027-03-20T15:00:00-04:00"]);
  t.strictSame(await startsOf(list, { timeMin: "2027-03-20T00:00:00Z" }), ["2027-03-20T15:00:00-04:00"]);
  t.equal((await list({ ...EXPANDED, showDeleted: "true" })).items?.length, 3);
});

t.test("moving or deleting a series takes its exceptions along", async (t) => {
  const { app } = startSandbox(t);
  const { list, call } = await calendarOf(app, [series(["RRULE:FREQ=DAILY;COUNT=2"])], ZONE);
  await call("PATCH", "/series_20270309T140000Z", { payload: { summary: "Other" } });
  await call("PATCH", "/series", {
    payload: { start: at("2027-03-08T10:00:00"), end: at("2027-03-08T10:30:00") },
  });
  t.match((await list(EXPANDED)).items, [
    { summary: "Serie", start: { dateTime: "2027-03-08T10:00:00-05:00" } },
    { summary: "Serie", start: { dateTime: "2027-03-09T10:00:00-05:00" } },
  ]);
  await call("DELETE", "/series");
  t.strictSame((await list(EXPANDED)).items, []);
  t.equal((await call("GET", "/series_20270309T150000Z")).json().status, "cancelled");
});

t.test("rules nobody can read are refused", async (t) => {
  const { app } = startSandbox(t);
  const { call } = await calendarOf(app, [], ZONE);
  for (const recurrence of [
    ["RRULE:FREQ=SOMETIMES"],
    ["FREQ=DAILY"],
    ["RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY"],
    ["EXDATE:20270309T140000Z"],
  ]) {
    const response = await call("POST", "", { payload: series(recurrence) });
    t.equal(response.statusCode, 400, recurrence.join(" "));
  }
  const start = { dateTime: "2027-03-08T09:00:00-05:00" };
  const zoneless = { ...series(["RRULE:FREQ=DAILY"]), start, end: start };
  t.match((await call("POST", "", { payload: zoneless })).json(), {
    error: { message: /Missing time zone definition/ },
  });
});
