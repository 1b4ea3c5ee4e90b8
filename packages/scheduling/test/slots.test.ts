import t from "tap";
import {
  createClock,
  findSlots,
  refuseStart,
  type SlotQuery,
  sayTime,
  type WeeklyHours,
} from "../src/index.ts";

const hour = 3_600_000;
const closed: WeeklyHours = {
  monday: [],
  tuesday: [],
  wednesday: [],
  thursday: [],
  friday: [],
  saturday: [],
  sunday: [],
};
const everyDay = (start: string, end: string): WeeklyHours =>
  Object.fromEntries(Object.keys(closed).map((day) => [day, [{ start, end }]])) as unknown as WeeklyHours;

function query(
  timeZone: string,
  from: string,
  weeklyHours: WeeklyHours,
  extra: Partial<SlotQuery> = {},
): SlotQuery {
  const now = Date.parse(`${from}T00:00:00Z`) - 72 * hour;
  const policy = { durationMs: hour, intervalMs: hour, minimumNoticeMs: 0, horizonMs: 365 * 24 * hour };
  return { clock: createClock(timeZone), weeklyHours, policy, busy: [], now, from, days: 1, ...extra };
}

const shown = (asked: SlotQuery) => findSlots(asked).starts.map((start) => sayTime(asked.clock, start).iso);

t.test("half-open: an appointment may touch what comes before and after it", async (t) => {
  const asked = query("UTC", "2027-01-18", everyDay("09:00", "12:00"));
  const nine = Date.parse("2027-01-18T09:00:00Z");
  t.strictSame(shown({ ...asked, busy: [{ start: nine, end: nine + hour }] }), [
    "2027-01-18T10:00:00+00:00",
    "2027-01-18T11:00:00+00:00",
  ]);
  t.equal(shown({ ...asked, busy: [{ start: nine + 1, end: nine + hour + 1 }] }).length, 1);
  t.equal(shown({ ...asked, busy: [{ start: nine, end: nine }] }).length, 3, "nothing lasts no time");
});

t.test("the day clocks go forward and back has the hours it really has", async (t) => {
  const around = (date: string) => shown(query("America/New_York", date, everyDay("00:00", "04:00")));
  t.strictSame(around("2027-03-14"), [
    "2027-03-14T00:00:00-05:00",
    "2027-03-14T01:00:00-05:00",
    "2027-03-14T03:00:00-04:00",
  ]);
  t.strictSame(around("2027-11-07"), [
    "2027-11-07T00:00:00-04:00",
    "2027-11-07T01:00:00-04:00",
    "2027-11-07T01:00:00-05:00",
    "2027-11-07T02:00:00-05:00",
    "2027-11-07T03:00:00-05:00",
  ]);
});

t.test("an opening or closing inside a gap is pushed past it", async (t) => {
  const asked = query("America/New_York", "2027-03-14", everyDay("02:30", "05:00"));
  t.strictSame(shown(asked), ["2027-03-14T03:30:00-04:00"]);
});

t.test("windows reach past midnight and belong to the day they open on; 24:00 closes a day", async (t) => {
  const friday: WeeklyHours = { ...closed, friday: [{ start: "22:00", end: "02:00" }] };
  t.strictSame(shown(query("America/Bogota", "2027-01-22", friday)), [
    "2027-01-22T22:00:00-05:00",
    "2027-01-22T23:00:00-05:00",
  ]);
  t.strictSame(shown(query("America/Bogota", "2027-01-23", friday)), [
    "2027-01-23T00:00:00-05:00",
    "2027-01-23T01:00:00-05:00",
  ]);
  t.equal(shown(query("America/Bogota", "2027-01-23", everyDay("22:00", "24:00"))).length, 2);
});

t.test("overlapping windows offer a start once", async (t) => {
  const monday = {
    ...closed,
    monday: [
      { start: "09:00", end: "12:00" },
      { start: "10:00", end: "13:00" },
    ],
  };
  t.equal(shown(query("UTC", "2027-01-18", monday)).length, 4);
});

t.test("every start that is offered can be booked, and no other", async (t) => {
  const nine = Date.parse("2027-01-18T09:00:00Z");
  const asked = query("UTC", "2027-01-18", everyDay("09:00", "17:00"), {
    busy: [{ start: nine + 2 * hour, end: nine + 3 * hour }],
    now: nine,
    policy: { durationMs: hour, intervalMs: hour / 2, minimumNoticeMs: hour, horizonMs: 6 * hour },
  });
  const offered = new Set(findSlots(asked).starts);
  t.ok(offered.size > 3);
  for (let start = nine - hour; start < nine + 12 * hour; start += 5 * 60_000) {
    t.equal(refuseStart(asked, start) === undefined, offered.has(start), new Date(start).toISOString());
  }
  t.equal(refuseStart(asked, nine), "too_soon");
  t.equal(refuseStart(asked, nine + 7 * hour), "too_far");
  t.equal(refuseStart(asked, nine + 2 * hour), "taken");
  t.equal(refuseStart(asked, nine + 1.25 * hour), "outside_hours");
});

t.test("an unknown zone is refused", async (t) => {
  t.throws(() => createClock("Nowhere/Nothing"), RangeError);
});
