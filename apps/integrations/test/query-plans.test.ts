import { sql } from "kysely";
import t from "tap";
import type { PlannedQuery } from "../../../test/support/query-plans/plan.ts";
import { recordPostgresPlans } from "../../../test/support/query-plans/record-postgres.ts";
import { recordSqlitePlans } from "../../../test/support/query-plans/record-sqlite.ts";
import { createTestDatabase, engines } from "../../../test/support/test-database.ts";
import {
  connect,
  findAccess,
  later,
  luna,
  minuteMs,
  newState,
  type OpenedStores,
  openStores,
  start,
  tokensOf,
} from "./fixtures.ts";

const tables = ["integrations", "oauth_states", "integration_sync_logs"];

/** What the metrics ask for reads an index from end to end, of which 100,000 rows take some milliseconds. */
const isCount = ({ text }: PlannedQuery) => /count\(\*\) as "count" from "integrations" group by/.test(text);

for (const engine of engines) {
  t.test(`an index leads each query to its rows (${engine})`, async (t) => {
    const opened = await openStores(await createTestDatabase(t, engine));
    await fill(opened);
    const recorder =
      engine === "sqlite" ? recordSqlitePlans() : recordPostgresPlans({ mayReadTables: false });
    recorder.start();
    t.teardown(() => recorder.stop());
    await askEverything({ ...opened, ...(await opened.openOther()) });
    const queries = recorder.stop().filter(({ text }) => tables.some((table) => text.includes(`"${table}"`)));
    t.ok(queries.length > 30, `${queries.length} queries`);
    const scans = queries
      .filter((query) => !isCount(query))
      .flatMap(({ text, reads }) =>
        reads
          .filter(({ table, isSearch }) => tables.includes(table) && !isSearch)
          .map(({ index }) => `${index ?? "no index"}: ${text}`),
      );
    t.strictSame(scans, []);
  });
}

t.test("what is due, listed and counted is each read from its own index (sqlite)", async (t) => {
  const recorder = recordSqlitePlans();
  recorder.start();
  t.teardown(() => recorder.stop());
  const opened = await openStores(await createTestDatabase(t, "sqlite"));
  for (const what of ["renewal", "probe"] as const)
    await opened.integrations.takeDue(what, "slack", 1, start);
  await opened.integrations.list({ userId: "ana", organizationId: "luna", provider: "slack", limit: 1 });
  await opened.integrations.countByState();
  const used = recorder.stop().flatMap(({ reads }) => reads.map(({ index }) => index));
  for (const name of ["renewal", "probe", "user", "state"])
    t.ok(used.includes(`integrations_by_${name}`), name);
});

/** PostgreSQL plans by what is in its tables. */
async function fill(opened: OpenedStores): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const owner = { userId: `user-${i % 50}`, organizationId: `customer-${i % 40}` };
    const { id } = await connect(opened, `${i}`, { ...owner, provider: `provider-${i % 4}` });
    await opened.syncLogs.begin({ integrationId: id, action: "publish", resourceType: "post" });
  }
  await sql`analyze`.execute(opened.db);
}

/** Each function of the stores, with each filter. */
async function askEverything(opened: OpenedStores): Promise<void> {
  const { integrations, states, syncLogs } = opened;
  const { id } = await connect(opened, "ana", luna);
  await connect(opened, "ana", luna);
  const access = await findAccess(opened, id);
  await integrations.find(id);
  for (const filter of [
    { userId: "ana" },
    { organizationId: "luna" },
    { owner: { userId: "ana" } },
    { owner: { organizationId: "luna" }, provider: "slack" },
    { provider: "slack" },
    { userId: "ana", provider: "slack", isActive: true },
    { userId: "ana", organizationId: "luna" },
    { organizationId: "luna", provider: "slack" },
    { provider: "slack", isActive: false },
  ])
    for (const after of [undefined, id]) await integrations.list({ ...filter, after, limit: 5 });
  await integrations.list({ after: id, limit: 5 });
  await integrations.update(id, { name: "Shop", isActive: true });
  await integrations.countSiblings(access, ["slack"]);
  await integrations.idsOf({ userId: "ana" });
  await integrations.acquireRefreshLease(access, "owner", later(minuteMs));
  await integrations.releaseRefreshLease(access, "owner");
  await integrations.suspectLoss(access);
  await integrations.saveRenewed(access, tokensOf("new"));
  for (const what of ["renewal", "probe"] as const) await integrations.takeDue(what, "slack", 5, start);
  await integrations.recordSuccess(id, { probeDue: start });
  await integrations.recordError(id, { obstacle: "unreachable", reason: "500", message: "No answer." });
  await integrations.countByState();

  const state = newState();
  const started = await states.start(state);
  await states.find(state.state);
  await states.addInputs(started.id, {});
  await states.consume(started.id);
  await states.end(started.id);
  await states.purge(start, 5);

  const log = await syncLogs.begin({ integrationId: id, action: "publish", resourceType: "post" });
  await syncLogs.finish(log, { status: "COMPLETED" });
  await syncLogs.list({ integrationId: id, limit: 5 });
  await syncLogs.list({ integrationId: id, before: log, limit: 5 });
  await syncLogs.cancelOlderThan(start);
  await syncLogs.purge(start, 5);

  await integrations.requireReconnect(await findAccess(opened, id), { reason: "x", message: "Gone." });
  await integrations.disconnect(id, false);
  await integrations.removeOwner({ userId: "ana" });
}
