import { defaultSchedule, type Schedule, schedule as scheduleSchema } from "@cita/calendar-api";
import { type Database, migrate } from "@cita/database";
import { type ScheduleTables, scheduleMigrations } from "./migrations.ts";

/** The schedules that customers have set. */
export type ScheduleStore = {
  /** What the customer has set, or the default. @returns the same object until the schedule is replaced. */
  find(customerId: string): Promise<Schedule>;
  save(customerId: string, schedule: Schedule): Promise<void>;
};

type Deps = { db: Database; now?: () => number };

const maxParsed = 500;

export async function openScheduleStore({ db: database, now = Date.now }: Deps): Promise<ScheduleStore> {
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
      const row = await db
        .selectFrom("schedules")
        .select("schedule")
        .where("customer_id", "=", customerId)
        .executeTakeFirst();
      return row === undefined ? defaultSchedule : read(customerId, row.schedule);
    },

    async save(customerId, schedule) {
      const values = { schedule: JSON.stringify(schedule), updated_at: new Date(now()).toISOString() };
      await db
        .insertInto("schedules")
        .values({ customer_id: customerId, ...values })
        .onConflict((conflict) => conflict.column("customer_id").doUpdateSet(values))
        .execute();
    },
  };
}
