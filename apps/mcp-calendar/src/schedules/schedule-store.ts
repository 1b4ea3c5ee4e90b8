import { type Schedule, schedule as scheduleSchema } from "@cita/calendar-api";
import { migrate, prepareQuery, rememberRows, type WatchedDatabase } from "@cita/database";
import { type ScheduleTables, scheduleMigrations } from "./migrations.ts";

/** The schedules that customers have set. */
export type ScheduleStore = {
  /** As long as it isn't replaced, the same object. */
  find(customerId: string): Promise<Schedule | undefined>;
  save(customerId: string, schedule: Schedule): Promise<void>;
};

type Deps = { db: WatchedDatabase; now?: () => number };

const maxRemembered = 500;

export async function openScheduleStore({ db: database, now = Date.now }: Deps): Promise<ScheduleStore> {
  await migrate(database, scheduleMigrations);
  const db = database.withTables<ScheduleTables>();
  const findOne = rememberRows(
    database.changes,
    prepareQuery(db, db.selectFrom("schedules").select("schedule").where("customer_id", "=", "")),
  );
  /** What was read last: a schedule with a thousand dates takes ten milliseconds to read. */
  const remembered = new Map<string, { text: string; schedule: Schedule }>();

  /** One that an older version stored takes the defaults of members that have come since. */
  function read(customerId: string, text: string): Schedule {
    const last = remembered.get(customerId);
    if (last?.text === text) return last.schedule;
    const schedule = scheduleSchema.parse(JSON.parse(text));
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(customerId, { text, schedule });
    return schedule;
  }

  return {
    async find(customerId) {
      const row = await findOne(customerId);
      return row && read(customerId, row.schedule);
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
