import t from "tap";
import { comingMonday } from "../support/coming-monday.ts";
import { countEvents, findUntold } from "../support/event-agreement.ts";
import { type CalendarProcess, createProcessWorld } from "../support/process-world.ts";
import { serviceKey } from "../support/test-keys.ts";

/**
 * A deed and its event are one transaction. A process is killed right before an event of each kind is written, right
 * after, and right after the commit: what the database has then agrees, and the deed was done where its event is there.
 */
const moments = ["before", "inserted", "committed"] as const;

const ten = `${comingMonday()}T10:00:00-05:00`;
const eleven = `${comingMonday()}T11:00:00-05:00`;

async function manage(
  service: CalendarProcess,
  method: string,
  path: string,
  body?: object,
): Promise<{ key_id: number }> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${serviceKey}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { key_id: number };
}

const book = async (service: CalendarProcess, customer: string) =>
  (await service.call(customer, "book", { start_iso: ten, attendee_name: "Ana" })).answer;

type Case = {
  /** Done by a process that lives. @returns what the deed needs to know. */
  readonly prepare?: (service: CalendarProcess, customer: string) => Promise<string | number>;
  readonly deed: (service: CalendarProcess, customer: string, prepared: string | number) => Promise<unknown>;
};

const bookFirst: Required<Case>["prepare"] = async (service, customer) =>
  (await book(service, customer)).booking_id;

const cases: Readonly<Record<string, Case>> = {
  booked: { deed: book },
  rescheduled: {
    prepare: bookFirst,
    deed: (service, customer, booking_id) =>
      service.call(customer, "reschedule_booking", { booking_id, start_iso: eleven }),
  },
  cancelled: {
    prepare: bookFirst,
    deed: (service, customer, booking_id) => service.call(customer, "cancel_booking", { booking_id }),
  },
  schedule_changed: {
    deed: (service, customer) =>
      manage(service, "PUT", `/customers/${customer}/schedule`, { slot_interval_minutes: 15 }),
  },
  agent_key_created: {
    deed: (service, customer) =>
      manage(service, "POST", `/customers/${customer}/agent-keys`, { name: "Bot" }),
  },
  agent_key_revoked: {
    prepare: async (service, customer) =>
      (await manage(service, "POST", `/customers/${customer}/agent-keys`, { name: "Bot" })).key_id,
    deed: (service, customer, key) => manage(service, "DELETE", `/customers/${customer}/agent-keys/${key}`),
  },
};

const world = await createProcessWorld(t);
const living = await world.start("test/fixtures/hasty-calendar-service.ts", { HOLD_MS: "4000" });

for (const [kind, { prepare, deed }] of Object.entries(cases)) {
  for (const moment of moments) {
    t.test(
      `${kind}, killed ${moment === "before" ? "before it is inserted" : `once it is ${moment}`}`,
      async (t) => {
        const customer = `${kind}-${moment}`.replaceAll("_", "-");
        await living.connect(customer);
        const prepared = (await prepare?.(living, customer)) ?? "";
        const earlier = countEvents(world.databaseFile, customer, kind);
        const dying = await world.start("test/fixtures/dying-calendar-service.ts", {
          ...{ HOLD_MS: "4000", DIE_OF: kind, DIE_WHEN: moment },
        });
        await t.rejects(deed(dying, customer, prepared), "it was killed");
        t.strictSame(findUntold(world.databaseFile), []);
        t.equal(countEvents(world.databaseFile, customer, kind) - earlier, moment === "committed" ? 1 : 0);
      },
    );
  }
}

t.test("what was cut short is settled, and everything is told", async (t) => {
  const deadline = performance.now() + 20_000;
  for (const customer of ["booked-before", "booked-inserted"]) {
    while ((await book(living, customer))?.status !== "confirmed" && performance.now() < deadline);
    t.equal((await world.events(customer)).length, 1, "one event in the calendar");
  }
  t.strictSame(findUntold(world.databaseFile), []);
});
