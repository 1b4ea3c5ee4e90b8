import { copyFileSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { generateFernetKey } from "@cita/token-store";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { openCustomerStore } from "../../apps/admin-api/src/customers/customer-store.ts";
import { connect, openStores } from "../../apps/integrations/test/fixtures.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { runScript } from "../support/command.ts";
import { createProcessWorld, type ToolOutcome } from "../support/process-world.ts";

const holdMs = 4_000;
const monday = comingMonday();
const at = (time: string) => `${monday}T${time}:00-05:00`;
const halfHours = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:00", "13:30"];

const world = await createProcessWorld(t);
const { folder } = world;
const env = { TOKEN_ENCRYPTION_KEY: generateFernetKey(), HOLD_MS: `${holdMs}` };
const start = (extra: Record<string, string> = {}) =>
  world.start("test/fixtures/hasty-calendar-service.ts", { ...env, ...extra });

type Service = Awaited<ReturnType<typeof start>>;
const book = (service: Service, customer: string, time: string, name: string) =>
  service.call(customer, "book", { start_iso: at(time), attendee_name: name });
const idsOf = (outcomes: readonly ToolOutcome[]) => outcomes.map(({ answer }) => answer.booking_id);

/** `npm run backup`, without any key. */
async function backUp(to: string): Promise<{ code: number | null; text: string }> {
  const databases = {
    DATABASE_URL: "file:./data/calendar.db",
    ADMIN_DATABASE_URL: "file:./data/admin.db",
    INTEGRATIONS_DATABASE_URL: "file:./data/integrations.db",
  };
  const command = runScript(t, "scripts/backup.ts", { cwd: folder, env: databases, args: [to] });
  return { code: await command.ended, text: command.output() };
}

async function addAdminCustomer(): Promise<void> {
  const db = openDatabase(`file:${join(folder, "data/admin.db")}`);
  const customers = await openCustomerStore(db);
  await customers.save({ customer_id: "luna", customer_email: "luna@example.com", customer_name: "Luna" });
  await db.destroy();
}

async function addIntegration(): Promise<void> {
  const url = `file:${join(folder, "data/integrations.db")}`;
  const stores = await openStores({ engine: "sqlite", url, open: () => openDatabase(url) });
  await connect(stores, "luna");
  await stores.db.destroy();
}

t.test("a backup taken under load is restored, and nothing that was promised is lost", async (t) => {
  const service = await start();
  await Promise.all(["luna", "sol", "mar"].map((customer) => service.connect(customer)));
  await addAdminCustomer();
  await addIntegration();
  const before: ToolOutcome[] = [];
  for (const time of ["14:00", "14:30", "15:00"]) before.push(await book(service, "luna", time, "Ana"));

  // In the middle of a booking, with others being made, cancelled and moved all the while.
  let backup = { code: null as number | null, text: "" };
  let backedUp = false;
  world.providerCalls.before("insert", async () => {
    backup = await backUp("backups");
    backedUp = true;
  });
  const heldSince = Date.now();
  const inTheMiddle = book(service, "mar", "09:00", "Mia");
  const during: ToolOutcome[] = [];
  for (const time of halfHours) {
    during.push(await book(service, "sol", time, "Bea"));
    // However quick the backup is, some are made before and some after its moment.
    if (backedUp && during.length > 3) break;
  }
  const promised = await inTheMiddle;
  t.equal(backup.code, 0, backup.text);
  t.match(promised, { answer: { status: "confirmed" } });
  t.strictSame(
    during.map(({ answer }) => answer?.status),
    during.map(() => "confirmed"),
  );
  const since = await book(service, "luna", "15:30", "Eva");
  const cancelled = before.pop();
  await service.call("luna", "cancel_booking", { booking_id: cancelled?.answer.booking_id });
  const calendars = () => Promise.all(["luna", "sol", "mar"].map((customer) => world.events(customer)));
  const events = await calendars();
  await service.end();

  const names = readdirSync(join(folder, "backups")).sort();
  t.match(
    names,
    ["admin", "calendar", "integrations"].map((name) => new RegExp(`^${name}-\\d{8}T\\d{6}Z\\.db$`)),
  );
  const restored = join(folder, "restored");
  mkdirSync(restored);
  for (const name of names) {
    t.equal(statSync(join(folder, "backups", name)).mode & 0o777, 0o600);
    copyFileSync(join(folder, "backups", name), join(restored, `${name.split("-")[0]}.db`));
  }

  const again = await start({ DATABASE_URL: "file:./restored/calendar.db" });
  for (const customer of ["luna", "sol", "mar"]) {
    const slots = await again.call(customer, "get_available_slots", { date_iso: monday });
    t.match(slots, { answer: { slots: Array } }, "the connection opens");
  }
  const { answer } = await again.call("luna", "list_bookings", {});
  t.strictSame(
    answer.bookings.map((booking: { booking_id: string }) => booking.booking_id),
    idsOf(before),
    "what was booked before is there, and what was cancelled since is not",
  );
  t.match(await book(again, "luna", "15:30", "Zoe"), { error: { code: "slot_taken" } }, "booked since");
  t.match(await book(again, "mar", "09:00", "Zoe"), { error: { code: "slot_taken" } }, "being booked then");
  t.match(since, { answer: { status: "confirmed" } });

  // By then whatever the copy might hold has run out, and been swept.
  await sleep(Math.max(0, heldSince + holdMs + 500 - Date.now()));
  t.strictSame(await calendars(), events, "no promised event was taken back");
  await again.end();

  await findOthers(t, restored);
});

/** What the other services have stored. */
async function findOthers(t: Test, restored: string): Promise<void> {
  const [admin, integrations] = ["admin.db", "integrations.db"].map((name) => {
    const db = openDatabase(`file:${join(restored, name)}`);
    t.teardown(() => db.destroy());
    return db;
  });
  if (admin === undefined || integrations === undefined) throw new Error("nothing was restored");
  t.match(await (await openCustomerStore(admin)).find("luna"), { customer_email: "luna@example.com" });
  const { rows } = await sql`select provider from integrations`.execute(integrations);
  t.strictSame(rows, [{ provider: "slack" }]);
}
