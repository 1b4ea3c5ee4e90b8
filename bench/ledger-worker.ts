import { openDatabase } from "@cita/database";
import Sqlite from "better-sqlite3";
import type { BookingRequest } from "../apps/mcp-calendar/src/bookings/booking.ts";
import { BookingError } from "../apps/mcp-calendar/src/bookings/booking-error.ts";
import type { Ledger } from "../apps/mcp-calendar/src/bookings/ledger/ledger.ts";
import { openLedger } from "../apps/mcp-calendar/src/bookings/ledger/open-ledger.ts";
import { median } from "./statistics.ts";

/** `book`: attempts, every other one for a time that is taken. `insert`: the same number of plain rows, committed one by one. */
export type LedgerJob = { url: string; task: "fill" | "book" | "insert"; attempts: number; seed: number };

export type LedgerResult = { perSecond: number; p50Ms: number; p99Ms: number };

const customers = 50;
const history = 5_000;
const halfHour = 1_800_000;
const epoch = Date.UTC(2027, 0, 1);

process.on("message", async (job: LedgerJob) => {
  process.send?.(job.task === "insert" ? insert(job) : await withLedger(job));
});

async function withLedger(job: LedgerJob): Promise<LedgerResult> {
  const db = openDatabase(job.url);
  const ledger = await openLedger({ db });
  const result = job.task === "fill" ? await fill(ledger) : await book(ledger, job);
  await db.destroy();
  return result;
}

/** A past for every customer: what has been must not slow down what is asked now. */
async function fill(ledger: Ledger): Promise<LedgerResult> {
  for (let i = 0; i < history; i++)
    await bookOne(ledger, requestAt(i, epoch - (1 + Math.floor(i / customers)) * halfHour));
  return { perSecond: 0, p50Ms: 0, p99Ms: 0 };
}

async function book(ledger: Ledger, { attempts, seed }: LedgerJob): Promise<LedgerResult> {
  const times: number[] = [];
  const begun = performance.now();
  for (let i = 0; i < attempts; i++) {
    const turn = seed * attempts + Math.floor(i / 2);
    const request = requestAt(turn, epoch + Math.floor(turn / customers) * halfHour);
    const at = performance.now();
    const won = await bookOne(ledger, request);
    times.push(performance.now() - at);
    if (won !== (i % 2 === 0)) throw new Error(`Attempt ${i} ${won ? "won" : "lost"}.`);
  }
  return summary(times, performance.now() - begun);
}

async function bookOne(ledger: Ledger, request: BookingRequest): Promise<boolean> {
  try {
    const hold = await ledger.hold(request, {
      until: Date.now() + 60_000,
      accountId: null,
      maxOpenBookings: null,
    });
    if (hold.status === "confirmed") throw new Error("It was booked before.");
    return await ledger.confirm(hold, { timeZone: "America/Bogota", meetLink: null, invitation: null });
  } catch (error) {
    if (error instanceof BookingError && error.code === "taken") return false;
    throw error;
  }
}

function requestAt(turn: number, start: number): BookingRequest {
  return {
    customerId: `customer-${turn % customers}`,
    start,
    end: start + halfHour,
    service: "appointment",
    bufferBeforeMs: 0,
    bufferAfterMs: 0,
    capacity: 1,
    attendee: { name: "Ana Pérez", phone: "+573001234567", phoneWritten: null, email: null, ref: null },
    notes: null,
    asked: { service: null, durationMinutes: null },
    idempotencyKey: null,
  };
}

/** What the disk and SQLite take for one committed row of that size. */
function insert({ url, attempts, seed }: LedgerJob): LedgerResult {
  const database = new Sqlite(url.slice("file:".length));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec("create table if not exists bare (seed integer, turn integer, content text)");
  const statement = database.prepare("insert into bare values (?, ?, ?)");
  const content = JSON.stringify(requestAt(0, epoch));
  const times: number[] = [];
  const begun = performance.now();
  for (let i = 0; i < attempts; i++) {
    const at = performance.now();
    statement.run(seed, i, content);
    times.push(performance.now() - at);
  }
  database.close();
  return summary(times, performance.now() - begun);
}

function summary(times: number[], totalMs: number): LedgerResult {
  const ascending = times.toSorted((a, b) => a - b);
  return {
    perSecond: (times.length / totalMs) * 1_000,
    p50Ms: median(times),
    p99Ms: ascending[Math.floor(ascending.length * 0.99)] ?? Number.NaN,
  };
}
