import type { Database } from "@cita/database";
import { createLogger } from "@cita/process";
import { type Expression, sql } from "kysely";
import t, { type Test } from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import {
  type EventLog,
  type NewEvent,
  openEventLog,
  pollEvents,
  readEvent,
  renewLogId,
} from "../src/index.ts";

type Opened = { log: EventLog; db: Database; lines: string[] };

const at = "2027-01-18T14:00:00.000Z";
const changed = (customerId: string | null, what: string, once?: string): NewEvent => ({
  ...{ customerId, kind: "schedule_changed", data: { changed: what } },
  ...(once !== undefined && { once }),
});

const add = (log: EventLog, ...events: NewEvent[]) =>
  log.transaction(async (_, append) => {
    const stored: boolean[] = [];
    for (const event of events) stored.push(await append(event));
    return stored;
  });

const deedsIn = async (db: Database) =>
  (await sql<{ name: string }>`select name from deeds`.execute(db)).rows.map(({ name }) => name);

const contract: Record<string, (t: Test, opened: Opened) => Promise<void>> = {
  async "events that are appended together are stored in their order, each or not"(t, { log, lines }) {
    await add(log, changed("luna", "before", "taken"));
    lines.length = 0;
    const odd = `"quotes", {braces}, \\ \u0000 \ud83d NULL ñ`;
    const events = [
      changed("luna", "first"),
      changed("removed", "not this one"),
      changed(null, odd),
      changed("luna", "nor this", "taken"),
      changed("sol", "once", "new"),
      changed("sol", "nor once more", "new"),
      ...Array.from({ length: 120 }, (_, i) => changed("sol", `${i}`)),
    ];
    const stored = events.filter(({ data }) => !JSON.stringify(data).includes("no"));
    t.equal(await log.transaction((_, append) => append(...events)), false, "not all");
    const page = await log.page({ limit: 200 });
    t.strictSame(
      page.reverse().map(({ customerId, data }) => [customerId, data.changed]),
      [
        ["luna", "before"],
        ...stored.map(({ customerId, data }) => [customerId, "changed" in data && data.changed]),
      ],
    );
    t.equal(lines.length, stored.length, "and only these are told of");
    t.equal(await log.transaction((_, append) => append(changed("luna", "a"), changed(null, "b"))), true);
  },

  async "a deed and its event are stored together, or neither"(t, { log, db, lines }) {
    const reads: Promise<number>[] = [];
    const isFound = Promise.withResolvers<void>();
    const unsubscribe = log.subscribe(() => {
      const read = log.page({ limit: 10 }).then(({ length }) => length);
      reads.push(read);
      void read.then((length) => length === 1 && isFound.resolve());
    });
    const result = await log.transaction(async (trx, append) => {
      await sql`insert into deeds values ('kept')`.execute(trx);
      await append(changed("luna", "services"));
      t.strictSame(await log.page({ limit: 10 }), [], "nobody finds it before the commit");
      return "done";
    });
    t.equal(result, "done");
    await isFound.promise;
    unsubscribe();
    await Promise.all(reads);
    const failing = log.transaction(async (trx, append) => {
      await sql`insert into deeds values ('undone')`.execute(trx);
      await append(changed("luna", "undone"));
      throw new Error("undone");
    });
    await t.rejects(failing, { message: "undone" });
    t.strictSame(await deedsIn(db), ["kept"]);
    t.strictSame(await log.page({ limit: 10 }), [
      { id: 1, at, customerId: "luna", kind: "schedule_changed", actor: null, data: { changed: "services" } },
    ]);
    t.match(
      lines.map((line) => JSON.parse(line)),
      [{ msg: "activity", customer_id: "luna", kind: "schedule_changed", detail: { changed: "services" } }],
    );
    t.equal(lines.length, 1);
  },

  async "of events with the same name the first is stored, of a removed customer none"(t, { log, lines }) {
    t.strictSame(await add(log, changed("luna", "a", "x"), changed("sol", "b", "x")), [true, false]);
    t.strictSame(await add(log, changed("removed", "c"), changed(null, "d")), [false, true]);
    t.match(await log.page({ limit: 10 }), [{ customerId: null }, { customerId: "luna" }]);
    t.equal(lines.length, 2, "what isn't stored isn't logged");
  },

  async "pages go backwards, of all or of one customer, of the kinds that are asked for"(t, { log }) {
    const other: NewEvent = { customerId: "luna", kind: "bookings_stranded", data: { count: 1 } };
    await add(log, changed("luna", "a"), changed("sol", "b"), other, changed("luna", "c"));
    const ids = async (filter: Partial<Parameters<EventLog["page"]>[0]>) =>
      (await log.page({ limit: 10, ...filter })).map(({ id }) => id);
    t.strictSame(await ids({}), [4, 3, 2, 1]);
    t.strictSame(await ids({ limit: 2 }), [4, 3]);
    t.strictSame(await ids({ before: 3 }), [2, 1]);
    t.strictSame(await ids({ customerId: "luna" }), [4, 3, 1]);
    t.strictSame(await ids({ customerId: "luna", before: 4, kinds: ["schedule_changed"] }), [1]);
  },

  async "a cursor goes forwards, and is good for as long as the log is"(t, { log, db }) {
    const start = await log.now();
    await add(log, changed("luna", "a"), changed("luna", "b"), changed("luna", "c"));
    const first = await log.readAfter(start, 2);
    t.match(first.events, [{ data: { changed: "a" } }, { data: { changed: "b" } }]);
    const second = await log.readAfter(first.cursor, 2);
    t.match(second.events, [{ id: 3, data: { changed: "c" } }]);
    t.strictSame(await log.readAfter(second.cursor, 2), { events: [], cursor: second.cursor });
    t.equal(await log.now(), second.cursor);
    await sql`delete from events`.execute(db);
    t.strictSame(await log.readAfter(second.cursor, 2), { events: [], cursor: second.cursor });
    await add(log, changed("luna", "d"));
    t.match((await log.readAfter(second.cursor, 2)).events, [{ id: 4 }], "no id is given twice");
  },

  async "a cursor of another log, or ahead of this one, is refused, and so is any other text"(t, { log }) {
    const cursor = await log.now();
    const text = Buffer.from(cursor, "base64url").toString();
    const write = (other: string) => Buffer.from(other).toString("base64url");
    for (const other of [write(`${"0".repeat(16)}.0`), write(`${text.slice(0, -1)}7`)]) {
      await t.rejects(log.readAfter(other, 1), { code: "event_log_changed", statusCode: 410 });
    }
    for (const other of ["", "x", `${cursor}=`, write(`${text}x`), write(`${text.slice(0, -1)}00`)]) {
      await t.rejects(log.readAfter(other, 1), { code: "invalid_cursor", statusCode: 400 }, other);
    }
  },

  async "whoever waits gets what comes at once, and nothing when the time or the service ends"(t, { log }) {
    const after = await log.now();
    const stopping = new AbortController();
    const wait = (waitMs: number) => pollEvents(log, { after, limit: 5, waitMs, signal: stopping.signal });
    t.strictSame(await wait(0), { events: [], cursor: after });
    t.strictSame(await wait(30), { events: [], cursor: after });
    const stopped = wait(60_000);
    stopping.abort();
    t.strictSame(await stopped, { events: [], cursor: after });
    t.strictSame(await wait(60_000), { events: [], cursor: after });

    const { signal } = new AbortController();
    const waiting = [1, 2].map(() => pollEvents(log, { after, limit: 5, waitMs: 60_000, signal }));
    await add(log, changed("luna", "a"));
    for (const page of await Promise.all(waiting)) t.match(page.events, [{ data: { changed: "a" } }]);
  },

  async "an event of a newer version is read as it is, and passed over by those who don't know it"(
    t,
    { log, db },
  ) {
    const after = await log.now();
    await sql`insert into events (at, customer_id, kind, data) values
      (${at}, 'luna', 'teleported', '{"to":"mars"}'), (${at}, 'luna', 'booked', '{"booking_id":7}'),
      (${at}, 'luna', 'bookings_stranded', '{"count":2,"since":"x"}'), (${at}, 'luna', 'toString', '{}')`.execute(
      db,
    );
    const { events } = await log.readAfter(after, 10);
    t.match(events, [{ kind: "teleported", data: { to: "mars" } }, {}, {}, {}]);
    const known = { kind: "bookings_stranded", data: { count: 2 } };
    t.strictSame(events.map(readEvent), [undefined, undefined, known, undefined]);
  },

  async "an event that can't be read is passed over, and logged once"(t, { log, db, lines }) {
    const after = await log.now();
    await add(log, changed("luna", "a"));
    await sql`insert into events (at, customer_id, kind, data) values
      (${at}, 'luna', 'booked', '{"booking_id":'), (${at}, 'luna', 'booked', '[1]'), (${at}, 'luna', 'booked', 'null'),
      ('yesterday', 'luna', 'teleported', '{}'), (${at}, 'luna', 'booked', '{"booking_id":7}')`.execute(db);
    await add(log, changed("luna", "b"));
    lines.length = 0;
    const whole = [{ id: 1 }, { id: 6, data: { booking_id: 7 } }, { id: 7 }];
    const ids: number[] = [];
    for (let cursor = after; ; ) {
      const { events, ...page } = await pollEvents(log, {
        ...{ after: cursor, limit: 1, waitMs: 0, signal: new AbortController().signal },
      });
      if (events.length === 0) break;
      ids.push(...events.map(({ id }) => id));
      cursor = page.cursor;
    }
    t.strictSame(ids, [1, 6, 7], "the feed goes on behind them");
    t.match((await log.readAfter(after, 10)).events, whole);
    t.match(await log.page({ limit: 2 }), [{ id: 7 }, { id: 6 }]);
    t.match(await log.page({ limit: 1, before: 6 }), [{ id: 1 }], "no page ends early");
    t.match(
      lines.map((line) => JSON.parse(line)),
      [2, 3, 4, 5, 6].map((event_id) => ({ level: 50, event_id })),
    );
    t.equal(lines.length, 5);
  },

  async "a copy that goes on by itself takes no cursor of the original"(t, { log, db }) {
    const cursor = await log.now();
    await renewLogId(db);
    const copy = await openEventLog({ db, logger: createLogger("silent") });
    await t.rejects(copy.readAfter(cursor, 1), { code: "event_log_changed", message: /another event log/ });
  },

  async "a cursor that was copied with its log is read on from"(t, { log, db }) {
    await add(log, changed("luna", "a"));
    const cursor = await log.now();
    await add(log, changed("luna", "b"));
    await renewLogId(db);
    const copy = await openEventLog({ db, logger: createLogger("silent") });
    t.match(await copy.readAfter(copy.renamed(cursor), 5), { events: [{ id: 2 }] });
    t.equal(copy.renamed(copy.beginning), copy.beginning);
    t.throws(() => copy.renamed("x"), { code: "invalid_cursor" });
  },
};

for (const [name, test] of Object.entries(contract)) {
  forEachDatabase(t, name, async (t, database) => {
    const db = database.open();
    // A database without a log is left as it is.
    await renewLogId(db);
    const lines: string[] = [];
    const logger = createLogger("info", { write: (line) => lines.push(line) });
    const isKnown = (customerId: Expression<string>) => sql<boolean>`${customerId} <> 'removed'`;
    const log = await openEventLog({ db, logger, isKnown, now: () => Date.parse(at) });
    await sql`create table deeds (name text)`.execute(db);
    await test(t, { log, db, lines });
  });
}
