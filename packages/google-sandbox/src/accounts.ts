import { createHash } from "node:crypto";
import type { CalendarOwner } from "./calendar/event-record.ts";
import { type CalendarSnapshot, createEventStore, type EventStore } from "./calendar/event-store.ts";
import { seedWeek } from "./seed.ts";

/** A Google account of the sandbox, with its one calendar. */
export type Account = {
  readonly email: string;
  /** Google's stable id of the account: 21 digits. */
  readonly sub: string;
  readonly calendar: EventStore;
};

/** The accounts the sandbox knows, by e-mail. */
export type Accounts = {
  find(email: string): Account | undefined;
  /** The account, made with a seeded week where nobody made it before. */
  ensure(email: string): Account;
  /**
   * Makes an account, in place of one by the same e-mail, whose grants stay. Where filling its calendar
   * throws, nothing is made.
   */
  make(owner: CalendarOwner, fill: (calendar: EventStore) => void): Account;
  all(): Account[];
  snapshot(): AccountSnapshot[];
};

/** An account as plain data. Its `sub` follows from the e-mail. */
export type AccountSnapshot = { email: string; timeZone: string; calendar: CalendarSnapshot };

/** The zone of an account that nobody gave one. */
export const DEFAULT_TIME_ZONE = "America/Bogota";

/** No accounts, or those a snapshot was taken of. */
export function createAccounts(now: () => number, earlier: AccountSnapshot[] = []): Accounts {
  const accounts = new Map<string, Account>();
  for (const { email, timeZone, calendar } of earlier) {
    add(email, createEventStore({ email, timeZone }, now, calendar));
  }

  function add(email: string, calendar: EventStore): Account {
    const account = { email, sub: subjectOf(email), calendar };
    accounts.set(email, account);
    return account;
  }

  const make: Accounts["make"] = ({ email: given, timeZone }, fill) => {
    const email = normalizeEmail(given);
    const calendar = createEventStore({ email, timeZone }, now);
    fill(calendar);
    return add(email, calendar);
  };

  return {
    find: (email) => accounts.get(normalizeEmail(email)),
    ensure(email) {
      const known = accounts.get(normalizeEmail(email));
      return known ?? make({ email, timeZone: DEFAULT_TIME_ZONE }, (calendar) => seedWeek(calendar, now()));
    },
    make,
    all: () => [...accounts.values()],
    snapshot: () => [...accounts.values()].map(snapshotOf),
  };
}

function snapshotOf({ email, calendar }: Account): AccountSnapshot {
  return { email, timeZone: calendar.owner.timeZone, calendar: calendar.snapshot() };
}

export function isEmail(text: string): boolean {
  return /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(text);
}

function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

function subjectOf(email: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(email).digest("hex")}`).toString();
  return `1${digits.slice(0, 20)}`;
}
