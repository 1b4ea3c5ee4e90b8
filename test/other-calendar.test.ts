import t, { type Test } from "tap";
import { agendaProvider } from "./support/other-provider/agenda-provider.ts";
import { createWorld } from "./support/world.ts";

/*
 * How the made-up provider's calendar is read: it answers every time on the clock of UTC, whole days as midnights of UTC,
 * five entries to a page, occurrences after all single entries, and failures with status 200.
 */

const monday = { date_iso: "2027-01-18" };
const at = (from: string, to: string) => ({
  from: `2027-01-18 ${from}`,
  to: `2027-01-18 ${to}`,
  clock: "America/Bogota",
});
const wholeDays = (from: string, to: string) => ({
  wholeDay: true,
  when: { from: `${from} 00:00:00`, to: `${to} 00:00:00`, clock: "UTC" },
});

async function open(t: Test, events: object[], calendars: object[] = []) {
  const world = await createWorld(t, { provider: agendaProvider });
  await world.connected("luna", { events, calendars });
  const starts = async (args: object = monday): Promise<string[]> => {
    const { answer, error } = await world.call("luna", "get_available_slots", args);
    if (error) throw new Error(error.code);
    return answer.slots.map(({ start }: { start: string }) => start.slice(8, 16));
  };
  return { world, starts };
}

t.test("a whole day is the business's own, not that of UTC", async (t) => {
  const { starts } = await open(t, [wholeDays("2027-01-19", "2027-01-20")]);
  const offered = await starts({ ...monday, days: 3 });
  t.ok(offered.includes("18T16:30"), "the evening before is in UTC's day");
  t.notOk(offered.some((start) => start.startsWith("19")));
  t.ok(offered.includes("20T09:00"));
});

t.test("occurrences of a series are found behind pages of single entries", async (t) => {
  const many = Array.from({ length: 60 }, (_, i) => ({ when: at("07:00:00", "07:30:00"), title: `${i}` }));
  const daily = { when: { ...at("10:00:00", "11:00:00") }, repeats: { everyDays: 1, times: 3 } };
  const { world, starts } = await open(t, [daily, ...many]);
  world.providerCalls.take();
  const offered = await starts({ ...monday, days: 3 });
  for (const day of ["18", "19", "20"]) {
    t.notOk(offered.includes(`${day}T10:00`) || offered.includes(`${day}T10:30`), day);
    t.ok(offered.includes(`${day}T11:00`), day);
  }
  t.strictSame(world.providerCalls.take(), ["list", "list"], "two pages of fifty");
});

t.test("what is free, declined or called off takes no time", async (t) => {
  const { starts } = await open(t, [
    { when: at("09:00:00", "10:00:00"), shows: "free" },
    { when: at("10:00:00", "11:00:00"), answer: "declined" },
    { when: at("11:00:00", "12:00:00"), state: "called_off" },
    { when: at("12:00:00", "13:00:00"), shows: "maybe" },
    { when: at("13:00:00", "14:00:00") },
  ]);
  const offered = await starts();
  for (const start of ["18T09:00", "18T10:00", "18T11:00"]) t.ok(offered.includes(start), start);
  t.notOk(offered.includes("18T12:00") || offered.includes("18T13:00"));
});

t.test("further calendars count, and one that isn't there is named", async (t) => {
  const rooms = { id: "rooms", events: [{ when: at("09:00:00", "12:00:00") }] };
  const { world, starts } = await open(t, [], [rooms]);
  const path = "/v1/customer-calendars/luna/schedule";
  t.match(await world.api("PUT", path, { busy_calendars: ["primary", "rooms"] }), { status: 200 });
  t.equal((await starts())[0], "18T12:00");
  const refused = await world.api("PUT", path, { busy_calendars: ["primary", "cellar"] });
  t.match(refused, { status: 400, body: { message: /cellar/ } });
});

const page = (more: object) => ({ status: 200, body: { ok: true, entries: [], more: null, ...more } });
const entry = {
  ...{ id: "k1", series: null, wholeDay: false, shows: "busy", state: "planned", answer: "none", labels: {} },
  when: { from: "2027-01-18 15:00:00", to: "2027-01-18 16:00:00", clock: "UTC" },
};
for (const [name, fault] of Object.entries({
  "a next page at another host": page({ more: "https://elsewhere.example/v2/view?skip=5" }),
  "a next page that comes again": page({ more: "https://api.agenda.example/v2/view?skip=5" }),
  "a time of another clock": page({
    entries: [{ ...entry, when: { ...entry.when, clock: "Europe/Madrid" } }],
  }),
  "a time that is none": page({ entries: [{ ...entry, when: { ...entry.when, from: "tomorrow" } }] }),
  "an entry that doesn't say whether it counts": page({ entries: [{ ...entry, shows: undefined }] }),
  "an empty object": { status: 200, body: {} },
})) {
  t.test(`${name} is an error, never free time`, async (t) => {
    const { world } = await open(t, []);
    await world.fault("list", fault);
    t.match(await world.call("luna", "get_available_slots", monday), {
      answer: undefined,
      error: { code: "calendar_unavailable" },
    });
  });
}
