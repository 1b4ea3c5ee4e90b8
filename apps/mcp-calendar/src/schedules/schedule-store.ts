import { isDeepStrictEqual } from "node:util";
import { defaultSchedule, type Schedule, schedule as scheduleSchema } from "@cita/calendar-api";
import { type Database, migrate, type Precondition } from "@cita/database";
import type { EventLog } from "@cita/events";
import type { Kysely } from "kysely";
import { type ScheduleTables, scheduleMigrations } from "./migrations.ts";
import { isMatch, ScheduleChangedError, toETag } from "./schedule-version.ts";

/** What has to hold when a schedule is replaced. */
export type SaveConditions = {
  /** `If-Match`: the schedule that is replaced is one of these. */
  readonly ifMatch?: string | undefined;
  readonly precondition?: Precondition | undefined;
};

/** The schedules that customers have set. */
export type ScheduleStore = {
  /** What the customer has set, or the default. @returns the same object until the schedule is replaced. */
  find(customerId: string): Promise<Schedule>;
  /** @throws ScheduleChangedError */
  save(customerId: string, schedule: Schedule, conditions?: SaveConditions): Promise<void>;
};

type Deps = { db: Database; events: Pick<EventLog, "transaction">; now?: () => number };

const maxParsed = 500;

export async function openScheduleStore(deps: Deps): Promise<ScheduleStore> {
  const { db: database, events, now = Date.now } = deps;
  await migrate(database, scheduleMigrations);
  const db = database.withTables<ScheduleTables>();
  /** Parsed schedules. The row is read each time, but zod takes 2 ms to parse a schedule with a thousand dates. */
  const parsed = new Map<string, { text: string; schedule: Schedule }>();

  /** A schedule that an older version has stored gets the defaults of newer members. */
  function read(customerId: string, text: string): Schedule {
    const last = parsed.get(customerId);
    if (last?.text === text) return last.schedule;
    const schedule = scheduleSchema.parse(JSON.parse(text));
    if (parsed.size >= maxParsed) parsed.clear();
    parsed.set(customerId, { text, schedule });
    return schedule;
  }

  return {
    async find(customerId) {
      const text = await findText(db, customerId);
      return text === undefined ? defaultSchedule : read(customerId, text);
    },

    async save(customerId, schedule, { ifMatch, precondition } = {}) {
      const values = { schedule: JSON.stringify(schedule), updated_at: new Date(now()).toISOString() };
      await events.transaction(async (trx, append) => {
        await precondition?.(trx);
        const tables = trx.withTables<ScheduleTables>();
        const before = parseStored(await findText(tables, customerId));
        if (!isMatch(ifMatch, before && toETag(before))) throw new ScheduleChangedError();
        const changed = changedMembers(before, schedule);
        await tables
          .insertInto("schedules")
          .values({ customer_id: customerId, ...values })
          .onConflict((conflict) => conflict.column("customer_id").doUpdateSet(values))
          .execute();
        if (changed !== "") await append({ customerId, kind: "schedule_changed", data: { changed } });
      }, `schedule of ${customerId}`);
    },
  };
}

async function findText(db: Kysely<ScheduleTables>, customerId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("schedules")
    .select("schedule")
    .where("customer_id", "=", customerId)
    .executeTakeFirst();
  return row?.schedule;
}

/** The members that differ, without their values. @param before undefined: it isn't known. */
function changedMembers(before: Schedule | undefined, after: Schedule): string {
  const members = Object.keys(after) as (keyof Schedule)[];
  return members.filter((member) => !isDeepStrictEqual(before?.[member], after[member])).join(", ");
}

/**
 * @param text undefined: none is stored, and the default holds.
 * @returns undefined for a schedule that can't be parsed any more, which can still be replaced.
 */
function parseStored(text: string | undefined): Schedule | undefined {
  if (text === undefined) return defaultSchedule;
  try {
    return scheduleSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
