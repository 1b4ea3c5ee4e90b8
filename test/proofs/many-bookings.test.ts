import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { createProcessWorld } from "../support/process-world.ts";

/** A business with classes of 25 places: 20,000 appointments within the 60 days ahead. */
const bookings = 20_000;
const days = 55;
const perDay = Math.ceil(bookings / days);
const places = 25;
const day = 86_400_000;
const halfHour = 1_800_000;

const world = await createProcessWorld(t);
const service = await world.start("apps/mcp-calendar/src/main.ts", { CALENDAR_CACHE_SECONDS: "0" });
const schedule = {
  services: [{ id: "class", name: "Class", duration_minutes: 30, capacity: places }],
  weekly_hours: Object.fromEntries(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((name) => [
      name,
      [{ start: "09:00", end: "17:00" }],
    ]),
  ),
};
/** Nine in the morning in Bogota, tomorrow. */
const first = Math.floor(Date.now() / day) * day + day + 14 * 3_600_000;
const startOf = (i: number) =>
  first + Math.floor(i / perDay) * day + Math.floor((i % perDay) / places) * halfHour;
const dateOf = (instant: number) => new Date(instant - 5 * 3_600_000).toISOString().slice(0, 10);

/** The bookings as they stand in the calendar and in the ledger after they were made. */
async function fill(customer: string, numbers: readonly number[]): Promise<void> {
  const idOf = (i: number) => `${customer.length}${i.toString(16).padStart(31, "0")}`;
  const events = numbers.map((i) => ({
    id: `cita${idOf(i)}`,
    summary: "Ana · Class",
    start: { dateTime: new Date(startOf(i)).toISOString() },
    end: { dateTime: new Date(startOf(i) + halfHour).toISOString() },
    extendedProperties: { private: { cita_booking_id: idOf(i) } },
  }));
  await service.connect(customer, schedule);
  const account = { email: `${customer}@example.com`, time_zone: "America/Bogota", events };
  await world.sandbox("POST", "accounts", account);
  const db = openDatabase(`file:${world.databaseFile}`, { mustExist: true });
  const rows = numbers.map((i) => ({
    id: idOf(i),
    event: `cita${idOf(i)}`,
    start: startOf(i),
    seat: (i % perDay) % places,
  }));
  await sql`
    insert into bookings (id, customer_id, status, start_ms, end_ms, blocked_from_ms, blocked_until_ms, seat, sequence,
      held_until_ms, event_id, account_id, time_zone, service, attendee_name, attendee_phone, request_hash, created_at,
      updated_at)
    select value ->> 'id', ${customer}, 'confirmed', value ->> 'start', (value ->> 'start') + ${halfHour}, value ->> 'start',
      (value ->> 'start') + ${halfHour}, value ->> 'seat',
      (select coalesce(max(sequence), 0) from bookings) + key + 1, 0, value ->> 'event',
      (select provider || ':' || account_id from oauth_tokens where customer_id = ${customer}), 'America/Bogota', 'class', 'Ana',
      '+57300' || printf('%07d', key), '', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'
    from json_each(${JSON.stringify(rows)})`.execute(db);
  await db.destroy();
}

const dayInTheMiddle = 20;
const allNumbers = Array.from({ length: bookings }, (_, i) => i);
await service.connect("calm");
await fill("busy", allNumbers);
/** Booked on the day that is asked for exactly as "busy" is, and on no other. */
await fill("day", allNumbers.slice(perDay * dayInTheMiddle, perDay * (dayInTheMiddle + 1)));
const aDay = dateOf(startOf(perDay * dayInTheMiddle));

/** Seconds of the processor that the service has used so far. */
async function processorSeconds(): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}

const rounds = 25;
const minTurns = 2;
const maxTurns = 8;

/** What the service itself does for a call, in milliseconds: what waits for Google takes none of it. */
async function ownTimeOf(customer: string, tool: string, args: object): Promise<number> {
  const ask = async () => {
    const { answer } = await service.call(customer, tool, args);
    if (answer === undefined) throw new Error(`${tool} was refused`);
    // Whoever asks again at once shares the reading: each question is to cost its own.
    await sleep(2);
  };
  for (let i = 0; i < rounds; i++) await ask();
  const before = await processorSeconds();
  for (let i = 0; i < rounds; i++) await ask();
  return ((await processorSeconds()) - before) * (1_000 / rounds);
}

const questions: Record<string, [tool: string, args: object]> = {
  "free times of a day": ["get_available_slots", { date_iso: aDay }],
  "one person's appointments": ["list_bookings", { attendee_phone: "+57 300 123 4567" }],
  "all appointments of a day": ["list_bookings", {}],
};

t.test("a list without a day tells one day, all of it", async (t) => {
  for (const customer of ["busy", "day"]) {
    const { answer } = await service.call(customer, "list_bookings", {});
    t.equal(answer.bookings.length, perDay, customer);
  }
});

for (const [name, [tool, args]] of Object.entries(questions)) {
  t.test(`${name}: a question costs what it asks for, not what else there is`, async (t) => {
    // In turn, and the least of each: whatever else the machine does only adds to it.
    let [day, busy] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let turn = 0; turn < maxTurns && (turn < minTurns || busy >= day * 1.5); turn++) {
      day = Math.min(day, await ownTimeOf("day", tool, args));
      busy = Math.min(busy, await ownTimeOf("busy", tool, args));
    }
    t.comment(`${busy.toFixed(2)} ms of our own, ${day.toFixed(2)} ms where nothing else is booked`);
    // The other 54 days, read or looked through, would take several times as long.
    t.ok(busy < day * 1.5, `${busy} ms, ${day} ms`);
  });
}

/** A question that Google isn't asked, so that only the service's own event loop is waited for. */
function neighbourTimes(count: number): Promise<number[]> {
  const params = { name: "get_available_slots", arguments: { date_iso: dateOf(Date.now() + 400 * day) } };
  const worker = new Worker(new URL("../fixtures/latency-worker.ts", import.meta.url), {
    workerData: {
      url: `${service.url}/mcp`,
      headers: { "content-type": "application/json", "x-customer-id": "calm" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      count,
    },
  });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const maxRounds = 6;
/** Ten times what it is on a quiet machine. */
const neighbourMs = 50;

/** The median of what a neighbour waits while four agents ask for a day of a business over and over, with never a pause. */
async function neighbourBeside(customer: string): Promise<number> {
  let isOver = false;
  const loud = Array.from({ length: 4 }, async () => {
    while (!isOver) await service.call(customer, "get_available_slots", { date_iso: aDay });
  });
  try {
    return medianOf(await neighbourTimes(300));
  } finally {
    isOver = true;
    await Promise.all(loud);
  }
}

t.test("neighbours feel no more of it than of a business with that day alone", async (t) => {
  // In turn, and the least of each: whatever else the machine does only adds to it.
  let [day, busy] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < maxRounds && !(busy < day * 2); round++) {
    day = Math.min(day, await neighbourBeside("day"));
    busy = Math.min(busy, await neighbourBeside("busy"));
  }
  t.comment(`a neighbour waits ${busy.toFixed(1)} ms, ${day.toFixed(1)} ms beside the other business`);
  t.ok(busy < day * 2 && busy < neighbourMs, `${busy} ms, ${day} ms`);
});

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
