import { createHash } from "node:crypto";
import { type CalendarSnapshot, createEventStore, type EventStore } from "./calendar/event-store.ts";
import { seedWeek } from "./seed.ts";

/** A Google account of the sandbox, with its calendars. */
export type Account = {
  readonly email: string;
  /** Google's stable id of the account: 21 digits. */
  readonly sub: string;
  /** The primary one. */
  readonly calendar: EventStore;
  /** Further ones, by their ids. */
  readonly furtherCalendars: ReadonlyMap<string, EventStore>;
};

/** How a calendar begins. */
export type NewCalendar = { timeZone: string; fill: (calendar: EventStore) => void };
/** A further calendar; its id looks like an e-mail address. */
type NewFurtherCalendar = NewCalendar & { id: string };
/** An account to be made: its primary calendar, and any further ones. */
export type NewAccount = NewCalendar & {
  email: string;
  /** Default: it follows from the e-mail. */
  sub?: string | undefined;
  calendars?: NewFurtherCalendar[];
};

/** The accounts the sandbox knows, by e-mail. */
export type Accounts = {
  find(email: string): Account | undefined;
  /** The account, made with a seeded week where nobody made it before. */
  ensure(email: string): Account;
  /**
   * Makes an account, in place of one by the same e-mail, whose grants stay. Where filling one of its
   * calendars throws, nothing is made.
   */
  make(account: NewAccount): Account;
  all(): Account[];
  snapshot(): AccountSnapshot[];
};

/** An account as plain data. */
export type AccountSnapshot = {
  email: string;
  /** Left out where it follows from the e-mail. */
  sub?: string | undefined;
  timeZone: string;
  calendar: CalendarSnapshot;
  /** The further ones; left out where there are none. */
  calendars?: FurtherCalendarSnapshot[] | undefined;
};

type FurtherCalendarSnapshot = { id: string; timeZone: string; calendar: CalendarSnapshot };

/** The zone of an account that nobody gave one. */
export const DEFAULT_TIME_ZONE = "America/Bogota";

/** No accounts, or those a snapshot was taken of. */
export function createAccounts(now: () => number, earlier: AccountSnapshot[] = []): Accounts {
  const accounts = new Map<string, Account>();
  for (const { email, sub, timeZone, calendar, calendars = [] } of earlier) {
    add(
      { email, sub },
      createEventStore({ calendarId: email, email, timeZone }, now, calendar),
      calendars.map(({ id, calendar: further, ...own }) =>
        createEventStore({ calendarId: id, email, timeZone: own.timeZone }, now, further),
      ),
    );
  }

  function add(
    { email, sub = subjectOf(email) }: Pick<NewAccount, "email" | "sub">,
    calendar: EventStore,
    further: EventStore[],
  ): Account {
    const furtherCalendars = new Map(further.map((store) => [store.owner.calendarId, store]));
    const account = { email, sub, calendar, furtherCalendars };
    accounts.set(email, account);
    return account;
  }

  function makeCalendar(calendarId: string, email: string, { timeZone, fill }: NewCalendar): EventStore {
    const calendar = createEventStore({ calendarId, email, timeZone }, now);
    fill(calendar);
    return calendar;
  }

  const make: Accounts["make"] = ({ email: given, sub, calendars = [], ...primary }) => {
    const email = normalizeAddress(given);
    return add(
      { email, sub },
      makeCalendar(email, email, primary),
      calendars.map(({ id, ...calendar }) => makeCalendar(normalizeAddress(id), email, calendar)),
    );
  };

  return {
    find: (email) => accounts.get(normalizeAddress(email)),
    ensure(email) {
      const known = accounts.get(normalizeAddress(email));
      const fill = (calendar: EventStore) => seedWeek(calendar, now());
      return known ?? make({ email, timeZone: DEFAULT_TIME_ZONE, fill });
    },
    make,
    all: () => [...accounts.values()],
    snapshot: () => [...accounts.values()].map(snapshotOf),
  };
}

/** An account's calendar by any name it goes by: `primary`, the account's e-mail, or a further calendar's id. */
export function findCalendar(account: Account, calendarId: string): EventStore | undefined {
  const id = calendarId.toLowerCase();
  if (calendarId === "primary" || id === account.email) return account.calendar;
  return account.furtherCalendars.get(id);
}

function snapshotOf({ email, sub, calendar, furtherCalendars }: Account): AccountSnapshot {
  const calendars = [...furtherCalendars].map(([id, further]) => ({ id, ...keptPart(further) }));
  return {
    email,
    ...(sub !== subjectOf(email) && { sub }),
    ...keptPart(calendar),
    ...(calendars.length > 0 && { calendars }),
  };
}

function keptPart(calendar: EventStore): { timeZone: string; calendar: CalendarSnapshot } {
  return { timeZone: calendar.owner.timeZone, calendar: calendar.snapshot() };
}

export function isEmail(text: string): boolean {
  return /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(text);
}

function normalizeAddress(address: string): string {
  return address.trim().toLowerCase();
}

/** The id of an account that nobody gave another one. */
export function subjectOf(email: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(email).digest("hex")}`).toString();
  return `1${digits.slice(0, 20)}`;
}
