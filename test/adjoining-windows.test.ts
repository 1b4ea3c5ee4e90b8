import t from "tap";
import { createWorld, type World } from "./support/world.ts";

type Windows = { start: string; end: string }[];

const everyDay = (windows: Windows) =>
  Object.fromEntries(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((day) => [
      day,
      windows,
    ]),
  );

async function open(world: World, windows: Windows, minutes: number, extra: object = {}): Promise<void> {
  const { status, body } = await world.api("PUT", "/v1/customer-calendars/luna/schedule", {
    weekly_hours: everyDay(windows),
    services: [{ id: "visit", name: "Visit", duration_minutes: minutes }],
    ...extra,
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

async function startsOf(world: World, date_iso: string): Promise<string[]> {
  const { answer } = await world.call("luna", "get_available_slots", { date_iso });
  return answer.slots.map(({ start }: { start: string }) => start.slice(11, 16));
}

const morningAndAfternoon = [
  { start: "09:00", end: "13:00" },
  { start: "13:00", end: "17:00" },
];
const always = [{ start: "00:00", end: "24:00" }];
const nights = [
  { start: "18:00", end: "24:00" },
  { start: "00:00", end: "08:00" },
];
const acrossMidnight = [
  { start: "20:00", end: "02:00" },
  { start: "02:00", end: "06:00" },
];

t.test("adjoining windows are one for whoever asks, books and moves", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const cases: [windows: Windows, minutes: number, date: string, expected: string[]][] = [
    [morningAndAfternoon, 60, "2027-01-18", ["12:00", "12:30", "13:00"]],
    [always, 180, "2027-01-19", ["21:00", "21:30", "22:00", "22:30", "23:00", "23:30"]],
    [nights, 90, "2027-01-20", ["22:30", "23:00", "23:30"]],
    [acrossMidnight, 240, "2027-01-22", ["00:00", "00:30", "20:00", "23:30"]],
  ];
  for (const [windows, minutes, date, expected] of cases) {
    await open(world, windows, minutes);
    const starts = await startsOf(world, date);
    t.strictSame(
      expected.filter((start) => !starts.includes(start)),
      [],
      `${minutes} minutes: ${starts.join()}`,
    );
    const start_iso = `${date}T${expected.at(1)}:00-05:00`;
    const booked = await world.call("luna", "book", { start_iso, attendee_name: "Ana" });
    t.equal(booked.answer?.start, start_iso, JSON.stringify(booked));
  }
  await open(world, nights, 90);
  const { answer } = await world.call("luna", "book", {
    start_iso: "2027-01-25T19:00:00-05:00",
    attendee_name: "Ana",
  });
  const moved = { booking_id: answer.booking_id, start_iso: "2027-01-25T23:30:00-05:00" };
  t.match(await world.call("luna", "reschedule_booking", moved), {
    answer: { end: "2027-01-26T01:00:00-05:00" },
  });
});

t.test("a holiday or a date of its own beside a window closes that side", async (t) => {
  const world = await createWorld(t, { now: Date.parse("2027-04-26T12:00:00Z") });
  await world.connected("luna");
  const own = { date: "2027-05-05", windows: [{ start: "00:00", end: "01:00" }] };
  await open(world, always, 180, { holidays: { country: "CO" }, date_overrides: [own] });
  t.equal((await startsOf(world, "2027-04-29")).at(-1), "23:30");
  t.equal((await startsOf(world, "2027-04-30")).at(-1), "21:00", "Labour Day comes next");
  t.equal((await startsOf(world, "2027-05-04")).at(-1), "22:00", "an hour of the next date is open");
});

t.test("the next opening is told whole, with bounds where a business never closes", async (t) => {
  const world = await createWorld(t, { now: Date.parse("2027-01-18T19:00:00Z") });
  await world.connected("luna");
  const opening = async () => {
    const { answer } = await world.call("luna", "get_business_info", {});
    return [answer.open_now, answer.next_opening.start.slice(0, 16), answer.next_opening.end.slice(0, 16)];
  };
  await open(world, morningAndAfternoon, 60);
  t.strictSame(await opening(), [true, "2027-01-18T09:00", "2027-01-18T17:00"]);
  await open(world, nights, 60);
  t.strictSame(await opening(), [false, "2027-01-18T18:00", "2027-01-19T08:00"]);
  await open(world, always, 60, { horizon_days: 60, holidays: { country: "CO" } });
  t.strictSame(await opening(), [true, "2027-01-12T00:00", "2027-03-20T00:00"], "since Epiphany, for now");
});
