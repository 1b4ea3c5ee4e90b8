import t from "tap";
import {
  createClock,
  findSlots,
  formatTime,
  nextOpening,
  type OpeningWindow,
  refuseStart,
  type WeeklyHours,
} from "../src/index.ts";
import { daily, everyDay, hour, hoursShown, policy, query } from "./slot-query.ts";

const lasting = (minutes: number, intervalMs = hour / 2) => ({
  policy: { ...policy, durationMs: minutes * 60_000, intervalMs },
});

t.test("an appointment may reach from a window into one that touches or overlaps it", async (t) => {
  const onMonday = (weekly: WeeklyHours, minutes: number) =>
    hoursShown(query("America/Bogota", "2027-01-18", weekly, lasting(minutes)));
  const mornings = onMonday(daily(["09:00", "13:00"], ["13:00", "17:00"]), 60);
  t.strictSame(mornings, onMonday(everyDay("09:00", "17:00"), 60), "as if it were written as one");
  t.ok(mornings.includes("12:30"));
  t.notOk(
    onMonday(daily(["09:00", "13:00"], ["13:01", "17:00"]), 60).includes("12:30"),
    "a minute is a break",
  );
  t.ok(onMonday(daily(["13:00", "17:00"], ["09:00", "13:00"]), 60).includes("12:30"), "in any order");
  t.ok(onMonday(daily(["09:00", "12:45"], ["12:15", "17:00"]), 90).includes("12:00"), "overlapping");
  t.ok(onMonday(daily(["09:00", "12:00"], ["10:00", "11:00"], ["12:00", "13:00"]), 150).includes("10:30"));
  t.ok(onMonday(daily(["09:00", "10:00"], ["10:00", "10:30"], ["10:30", "12:00"]), 180).includes("09:00"));

  t.strictSame(onMonday(everyDay("00:00", "24:00"), 180).slice(-4), ["22:00", "22:30", "23:00", "23:30"]);
  t.equal(onMonday(everyDay("00:00", "24:00"), 720).length, 48, "as long as the longest appointment");
  const nights = daily(["18:00", "24:00"], ["00:00", "08:00"]);
  t.strictSame(onMonday(nights, 90).slice(-3), ["22:30", "23:00", "23:30"]);
  t.strictSame(onMonday(daily(["20:00", "02:00"], ["02:00", "04:00"]), 180).slice(0, 4), [
    "00:00",
    "00:30",
    "01:00",
    "20:00",
  ]);
});

t.test("adjoining windows keep their own grids, and no start depends on the dates asked for", async (t) => {
  const uneven = daily(["09:10", "12:00"], ["12:00", "14:00"]);
  const asked = query("UTC", "2027-01-18", uneven, lasting(60));
  t.strictSame(hoursShown(asked), [
    "09:10",
    "09:40",
    "10:10",
    "10:40",
    "11:10",
    "11:40",
    "12:00",
    "12:30",
    "13:00",
  ]);

  for (const [weekly, minutes, interval] of [
    [everyDay("00:00", "24:00"), 180, 50],
    [daily(["18:00", "24:00"], ["00:00", "08:00"]), 720, 70],
    [daily(["22:00", "06:00"], ["06:00", "22:00"]), 300, 35],
  ] as const) {
    // Over a change of the clocks.
    const month = query("America/New_York", "2027-03-01", weekly, {
      ...lasting(minutes, interval * 60_000),
      days: 31,
    });
    const { starts } = findSlots(month);
    const dates = Array.from({ length: 31 }, (_, i) => `2027-03-${String(i + 1).padStart(2, "0")}`);
    const alone = dates.flatMap((from) => findSlots({ ...month, from, days: 1 }).starts);
    t.strictSame(alone, starts, `${minutes} minutes, each ${interval}`);
    const refused = starts.filter((start) => refuseStart(month, start) !== undefined);
    t.strictSame(refused, [], "what is offered can be booked");
  }
});

t.test("a date with other hours adjoins its neighbours only where it is open", async (t) => {
  const monday = query("UTC", "2027-01-18", everyDay("00:00", "24:00"), lasting(180));
  const lastStart = (windows: readonly OpeningWindow[]) => {
    const overrides = new Map([["2027-01-19", windows]]);
    return hoursShown({ ...monday, hours: { ...monday.hours, overrides } }).at(-1);
  };
  t.equal(lastStart([]), "21:00", "a holiday the day after");
  t.equal(lastStart([{ start: "00:00", end: "00:30" }]), "21:30");
  t.equal(lastStart([{ start: "00:30", end: "24:00" }]), "21:00");
  t.equal(lastStart([{ start: "00:00", end: "24:00" }]), "23:30");
  const late = new Map([["2027-01-18", [{ start: "23:00", end: "24:00" }]]]);
  t.strictSame(hoursShown({ ...monday, hours: { ...monday.hours, overrides: late } }), ["23:00", "23:30"]);
});

t.test("the next opening is told whole, and that of a business that never closes has bounds", async (t) => {
  const clock = createClock("America/Bogota");
  const opening = (weekly: WeeklyHours, now: string, overrides = new Map<string, OpeningWindow[]>()) => {
    const found = nextOpening(clock, { weekly, overrides }, Date.parse(`${now}-05:00`), 60);
    return (
      found &&
      [formatTime(clock, found.start).iso, formatTime(clock, found.end).iso].map((iso) => iso.slice(0, 16))
    );
  };
  const parted = daily(["09:00", "13:00"], ["13:00", "17:00"]);
  for (const now of ["2027-01-18T08:00:00", "2027-01-18T13:00:00", "2027-01-18T16:59:00"]) {
    t.strictSame(opening(parted, now), ["2027-01-18T09:00", "2027-01-18T17:00"], now);
  }
  const nights = daily(["18:00", "24:00"], ["00:00", "08:00"]);
  t.strictSame(opening(nights, "2027-01-19T03:00:00"), ["2027-01-18T18:00", "2027-01-19T08:00"]);
  const workingWeek = { ...everyDay("00:00", "24:00"), saturday: [], sunday: [] };
  t.strictSame(opening(workingWeek, "2027-01-22T12:00:00"), ["2027-01-18T00:00", "2027-01-23T00:00"]);

  const always = everyDay("00:00", "24:00");
  const holiday = new Map([["2027-02-15", []]]);
  t.strictSame(opening(always, "2027-01-18T12:00:00", holiday)?.[1], "2027-02-15T00:00", "weeks ahead");
  t.strictSame(opening(always, "2027-02-16T12:00:00", holiday)?.[0], "2027-02-16T00:00");
  t.strictSame(opening(always, "2027-01-18T12:00:00"), ["2027-01-09T00:00", "2027-03-20T00:00"]);
});
