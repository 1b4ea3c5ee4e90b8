import { openDatabase } from "@cita/database";
import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import Sqlite from "better-sqlite3";
import pg from "pg";
import type { BookingRequest } from "../../apps/mcp-calendar/src/bookings/booking.ts";
import { BookingError } from "../../apps/mcp-calendar/src/bookings/booking-error.ts";
import type { Ledger } from "../../apps/mcp-calendar/src/bookings/ledger/ledger.ts";
import { openLedger } from "../../apps/mcp-calendar/src/bookings/ledger/open-ledger.ts";
import { median, percentile } from "../statistics.ts";

/** `fill`: past bookings. `book`: attempts, every second one for a taken time. `insert`: plain rows, committed one by one. */
export type LedgerJob = {
  url: string;
  task: "fill" | "book" | "insert";
  /** How many work at once. `insert` is one at a time. */
  callers: number;
  attempts: number;
  seed: number;
};

export type LedgerResult = { perSecond: number; p50Ms: number; p99Ms: number };

const customers = 50;
const pastBookings = 5_000;
const halfHourMs = 1_800_000;
const epoch = Date.UTC(2027, 0, 1);

type Attendee = BookingRequest["attendee"];
const firstAttendee: Attendee = {
  name: "Ana Pérez",
  phone: "+573001234567",
  phoneWritten: null,
  email: null,
  ref: null,
};
/** Another person: the same request by the first one is answered with the booking that is there. */
const secondAttendee: Attendee = { ...firstAttendee, name: "Eva Ruiz", phone: "+573007654321" };

process.on("message", async (job: LedgerJob) => {
  process.send?.(await (job.task === "insert" ? insert(job) : withLedger(job)));
});

async function withLedger(job: LedgerJob): Promise<LedgerResult> {
  const db = openDatabase(job.url);
  const ledger = await openLedger({ db, events: await openEventLog({ db, logger: createLogger("silent") }) });
  const result = job.task === "fill" ? await fill(ledger, job) : await book(ledger, job);
  await db.destroy();
  return result;
}

/** Every customer gets past bookings, which must not slow down new ones. */
async function fill(ledger: Ledger, { callers }: LedgerJob): Promise<LedgerResult> {
  await inParallel(callers, pastBookings, async (i) => {
    await bookOne(ledger, toRequest(i, epoch - (1 + Math.floor(i / customers)) * halfHourMs, firstAttendee));
  });
  return { perSecond: 0, p50Ms: 0, p99Ms: 0 };
}

/** Two attempts for each time, one after the other. */
async function book(ledger: Ledger, { attempts, callers, seed }: LedgerJob): Promise<LedgerResult> {
  const times: number[] = [];
  const begun = performance.now();
  await inParallel(callers, attempts / 2, async (i) => {
    const number = seed * attempts + i;
    const start = epoch + Math.floor(number / customers) * halfHourMs;
    for (const attendee of [firstAttendee, secondAttendee]) {
      const at = performance.now();
      const won = await bookOne(ledger, toRequest(number, start, attendee));
      times.push(performance.now() - at);
      if (won !== (attendee === firstAttendee)) throw new Error(`${number} was ${won ? "won" : "lost"}.`);
    }
  });
  return summarize(times, performance.now() - begun);
}

async function inParallel(callers: number, count: number, act: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: callers }, work));
}

async function bookOne(ledger: Ledger, request: BookingRequest): Promise<boolean> {
  try {
    const hold = await ledger.hold(request, {
      until: Date.now() + 60_000,
      accountId: null,
      maxOpenBookings: null,
    });
    if (hold.status === "confirmed") throw new Error("It was booked before.");
    return await ledger.confirm(hold, {
      eventId: `cita${hold.id}`,
      mark: hold.id,
      timeZone: "America/Bogota",
      meetLink: null,
      invitation: null,
    });
  } catch (error) {
    if (error instanceof BookingError && error.code === "taken") return false;
    throw error;
  }
}

function toRequest(number: number, start: number, attendee: Attendee): BookingRequest {
  return {
    customerId: `customer-${number % customers}`,
    start,
    end: start + halfHourMs,
    service: "appointment",
    bufferBeforeMs: 0,
    bufferAfterMs: 0,
    capacity: 1,
    attendee,
    notes: null,
    asked: { service: null, durationMinutes: null },
    idempotencyKey: null,
  };
}

const bareContent = JSON.stringify(toRequest(0, epoch, firstAttendee));

/** The time that the database and the disk need to commit one row of a booking's size. */
async function insert({ url, attempts, seed }: LedgerJob): Promise<LedgerResult> {
  const { insertOne, close } = url.startsWith("file:") ? openBareSqlite(url) : await openBarePostgres(url);
  const times: number[] = [];
  const begun = performance.now();
  for (let i = 0; i < attempts; i++) {
    const at = performance.now();
    await insertOne(seed, i);
    times.push(performance.now() - at);
  }
  const totalMs = performance.now() - begun;
  await close();
  return summarize(times, totalMs);
}

const createBare = "create table if not exists bare (seed integer, number integer, content text)";

type Bare = { insertOne(seed: number, number: number): unknown; close(): unknown };

function openBareSqlite(url: string): Bare {
  const database = new Sqlite(url.slice("file:".length));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec(createBare);
  const statement = database.prepare("insert into bare values (?, ?, ?)");
  return {
    insertOne: (seed, number) => statement.run(seed, number, bareContent),
    close: () => database.close(),
  };
}

async function openBarePostgres(url: string): Promise<Bare> {
  const client = new pg.Client(url.replace(/\?.*/, ""));
  await client.connect();
  await client.query(createBare);
  return {
    insertOne: (seed, number) =>
      client.query("insert into bare values ($1, $2, $3)", [seed, number, bareContent]),
    close: () => client.end(),
  };
}

function summarize(times: number[], totalMs: number): LedgerResult {
  return {
    perSecond: (times.length / totalMs) * 1_000,
    p50Ms: median(times),
    p99Ms: percentile(times, 0.99),
  };
}
