import t from "tap";
import {
  createClock,
  createTimeFormatter,
  findSlots,
  nextOpening,
  type Reservation,
  refuseStart,
  type SlotPolicy,
  type WeeklyHours,
} from "../src/index.ts";
import { closed, everyDay, hour, hoursShown, policy, query, shown } from "./slot-query.ts";

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

t.test("where a gap takes a day's last hour, what it pushes past midnight is still found", async (t) => {
  // In Nuuk, 23:00 on Saturday 27 March 2027 is 00:00 on Sunday: 23:30 is pushed to 00:30.
  const hours = { weekly: everyDay("23:45", "23:30"), overrides: new Map() };
  const quarters = { ...policy, durationMs: hour / 4, intervalMs: hour / 4 };
  const sunday = query("America/Nuuk", "2027-03-28", closed, { hours, policy: quarters });
  const midnight = Date.parse("2027-03-28T00:00:00-01:00");
  t.strictSame(shown(sunday).slice(0, 3), [
    "2027-03-28T00:00:00-01:00",
    "2027-03-28T00:15:00-01:00",
    "2027-03-28T00:45:00-01:00",
  ]);
  t.equal(refuseStart(sunday, midnight), undefined);
  t.equal(nextOpening(sunday.clock, hours, midnight, 7)?.start, Date.parse("2027-03-26T23:45:00-02:00"));

  const saturday = new Map([["2027-03-27", [{ start: "23:30", end: "05:00" }]]]);
  const early = { weekly: everyDay("00:00", "06:00"), overrides: saturday };
  t.equal(nextOpening(sunday.clock, early, midnight - hour, 7)?.start, midnight);
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
    policy: { ...policy, intervalMs: hour / 2, minimumNoticeMs: hour, horizonMs: 6 * hour },
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

const nineOnMonday = Date.parse("2027-01-18T09:00:00Z");
const reserved = (start: number, extra: Partial<Reservation> = {}): Reservation => ({
  start,
  end: start + hour,
  bufferBeforeMs: 0,
  bufferAfterMs: 0,
  seat: 0,
  ...extra,
});

t.test("buffers: ours around others' events, both between appointments, none at the edges", async (t) => {
  const buffered = { ...policy, intervalMs: hour / 2, bufferBeforeMs: hour / 2, bufferAfterMs: hour / 2 };
  const asked = query("UTC", "2027-01-18", everyDay("09:00", "14:00"), { policy: buffered });
  t.equal(hoursShown(asked).at(0), "09:00");
  t.equal(hoursShown(asked).at(-1), "13:00");
  const eleven = { start: nineOnMonday + 2 * hour, end: nineOnMonday + 3 * hour };
  t.strictSame(hoursShown({ ...asked, busy: [eleven] }), ["09:00", "09:30", "12:30", "13:00"]);
  const before = reserved(nineOnMonday, { bufferAfterMs: hour });
  t.strictSame(hoursShown({ ...asked, bookings: [before] }), ["11:30", "12:00", "12:30", "13:00"]);
  const after = reserved(nineOnMonday + 3 * hour, { bufferBeforeMs: hour / 2 });
  t.strictSame(hoursShown({ ...asked, bookings: [after] }), ["09:00", "09:30", "10:00"]);
});

t.test("a group service is offered until every place is taken; everything else takes them all", async (t) => {
  const asked = query("UTC", "2027-01-18", everyDay("09:00", "12:00"), {
    policy: { ...policy, capacity: 2 },
  });
  const first = reserved(nineOnMonday);
  t.equal(hoursShown({ ...asked, bookings: [first] }).length, 3);
  t.strictSame(hoursShown({ ...asked, bookings: [first, reserved(nineOnMonday, { seat: 1 })] }), [
    "10:00",
    "11:00",
  ]);
  t.strictSame(hoursShown({ ...asked, bookings: [reserved(nineOnMonday, { seat: null })] }), [
    "10:00",
    "11:00",
  ]);
  t.strictSame(hoursShown({ ...asked, busy: [first] }), ["10:00", "11:00"]);
  const halfPast = reserved(nineOnMonday + hour / 2, { seat: 1 });
  t.strictSame(hoursShown({ ...asked, bookings: [first, halfPast] }), ["10:00", "11:00"]);
});

t.test("a full day and a full week offer nothing more; a week begins on Monday", async (t) => {
  const asked = query("America/Bogota", "2027-01-18", everyDay("20:00", "23:00"), { days: 8 });
  const mondayEvening = Date.parse("2027-01-18T21:00:00-05:00");
  const sundayEvening = Date.parse("2027-01-17T21:00:00-05:00");
  const bookings = [reserved(sundayEvening), reserved(mondayEvening)];
  const dates = (most: Partial<SlotPolicy>) =>
    new Set(shown({ ...asked, bookings, policy: { ...policy, ...most } }).map((iso) => iso.slice(0, 10)));
  t.equal(dates({}).size, 8);
  t.notOk(dates({ maxPerDay: 1 }).has("2027-01-18"));
  t.equal(dates({ maxPerDay: 1 }).size, 7);
  t.equal(dates({ maxPerDay: 2 }).size, 8);
  t.strictSame([...dates({ maxPerWeek: 1 })], ["2027-01-25"]);
  t.equal(dates({ maxPerWeek: 2 }).size, 8);
  const full = { ...asked, days: 1, bookings, policy: { ...policy, maxPerDay: 1 } };
  t.equal(findSlots(full).reason, "fully_booked");
  t.equal(refuseStart(full, mondayEvening + hour), "taken");
});

t.test("an override replaces a date's hours, and an empty one closes it", async (t) => {
  const overrides = new Map([
    ["2027-01-18", []],
    ["2027-01-19", [{ start: "18:00", end: "20:00" }]],
  ]);
  const hours = { weekly: everyDay("09:00", "10:00"), overrides };
  const asked = query("UTC", "2027-01-18", closed, { hours, days: 3 });
  t.strictSame(hoursShown(asked), ["18:00", "19:00", "09:00"]);
  t.equal(findSlots({ ...asked, days: 1 }).reason, "closed");
});

t.test("the next opening is the window that is open, or the first to come", async (t) => {
  const clock = createClock("UTC");
  const friday = { ...closed, friday: [{ start: "22:00", end: "02:00" }] };
  const hours = { weekly: friday, overrides: new Map([["2027-01-22", []]]) };
  const next = (now: string) => {
    const opening = nextOpening(clock, hours, Date.parse(now), 30);
    return opening && new Date(opening.start).toISOString();
  };
  t.equal(next("2027-01-16T01:00:00Z"), "2027-01-15T22:00:00.000Z", "still open");
  t.equal(next("2027-01-16T02:00:00Z"), "2027-01-29T22:00:00.000Z", "the one between is closed");
  t.equal(nextOpening(clock, { ...hours, weekly: closed }, nineOnMonday, 30), undefined);
});

t.test("a teller says neighbours of different days and offsets right", async (t) => {
  const clock = createClock("America/New_York");
  const tell = createTimeFormatter(clock);
  for (const time of [
    "2027-11-07T03:59:59Z",
    "2027-11-07T05:30:00Z",
    "2027-11-07T06:30:00Z",
    "2027-11-08T04:59:00Z",
  ]) {
    const zoned = Temporal.Instant.from(time).toZonedDateTimeISO("America/New_York");
    const { iso, weekday, label } = tell(Date.parse(time));
    t.equal(iso, zoned.toString({ timeZoneName: "never", smallestUnit: "second" }));
    t.equal(weekday, zoned.toLocaleString("en", { weekday: "long" }));
    t.ok(label.startsWith(`${weekday} ${zoned.day} November 2027, ${iso.slice(11, 16)}`));
  }
});

t.test("an unknown zone is refused", async (t) => {
  t.throws(() => createClock("Nowhere/Nothing"), RangeError);
});
