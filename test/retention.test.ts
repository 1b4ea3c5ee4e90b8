import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createConsentPurges } from "../apps/mcp-calendar/src/retention/purges.ts";
import { createBrowser } from "./support/browser.ts";
import { createWorld, type World } from "./support/world.ts";

const day = 86_400_000;
const purging = { firstWithinMs: 1, intervalMs: 10 };

type Row = Record<string, string | number | null>;

const tablesOf = (world: World) => world.mcp.db.withTables<{ consent_links: Row; consent_attempts: Row }>();

const idsOf = async (world: World, table: "consent_links" | "consent_attempts") =>
  (await tablesOf(world).selectFrom(table).select("id").orderBy("id").execute()).map(({ id }) => id);

const stateOf = async (world: World, customerId: string) =>
  (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body;

/** Until several rounds have passed. */
const rounds = () => sleep(250);

t.test("dead links end with the retention, but for the newest and the one that connected", async (t) => {
  const world = await createWorld(t, { purging });
  const revoked = (await world.connect("luna")).body.shareable_link;
  const used = (await world.connect("luna", { renew: true })).body.shareable_link;
  t.equal((await world.consent(used)).status, 200);
  const late = (await world.connect("luna")).body.shareable_link;
  const live = (await world.connect("luna", { renew: true })).body.shareable_link;
  await world.connect("sol");
  t.strictSame(await idsOf(world, "consent_links"), [1, 2, 3, 4, 5]);
  const before = await stateOf(world, "luna");
  const open = async (link: string) => (await createBrowser().open(link)).status;

  world.clock.now += 89 * day;
  await rounds();
  t.strictSame(await idsOf(world, "consent_links"), [1, 2, 3, 4, 5]);
  t.equal(await open(revoked), 410);

  world.clock.now += 2 * day;
  await rounds();
  t.strictSame(await idsOf(world, "consent_links"), [2, 4, 5]);
  t.strictSame(
    [await open(revoked), await open(late), await open(used), await open(live)],
    [404, 404, 410, 410],
  );
  const { link: _link, ...same } = await stateOf(world, "luna");
  const { link: _before, ...asBefore } = before;
  t.strictSame(same, asBefore);
  t.match(await stateOf(world, "luna"), { status: "connected", link: { state: "expired" } });
  t.match(await stateOf(world, "sol"), { status: "pending", link: { state: "expired" } }, "and is known");
  t.match(await world.call("sol", "get_available_slots", { date_iso: "2027-05-10" }), {
    error: { code: "not_connected" },
  });
  t.equal((await world.consent((await world.connect("sol")).body.shareable_link)).status, 200);
});

t.test("attempts that never came back end after a day, all others with the retention", async (t) => {
  const world = await createWorld(t, { purging });
  const { body } = await world.connect("luna");
  await createBrowser().open(body.authorization_url);
  await world.consent(body.shareable_link, { account: "mallory@example.com" });
  t.equal((await world.consent(body.shareable_link)).status, 200);

  world.clock.now += day - 60_000;
  await rounds();
  t.strictSame(await idsOf(world, "consent_attempts"), [1, 2, 3]);
  world.clock.now += 120_000;
  await rounds();
  t.strictSame(await idsOf(world, "consent_attempts"), [2, 3]);
  t.match(await stateOf(world, "luna"), { link: { last_attempt: { outcome: "connected" } } });

  world.clock.now += 90 * day;
  await rounds();
  t.strictSame(
    await idsOf(world, "consent_attempts"),
    [],
    "and with them the address of whoever chose wrongly",
  );
  t.match(await stateOf(world, "luna"), {
    status: "connected",
    calendar_email: "luna@example.com",
    link: { state: "used", last_attempt: null },
  });
});

t.test("RETENTION_DAYS says how long, from a day to ten years", async (t) => {
  const world = await createWorld(t, {
    purging,
    variables: { RETENTION_DAYS: "1", CONSENT_LINK_DAYS: "0.5" },
  });
  await world.connect("luna");
  await world.connect("luna", { renew: true });
  world.clock.now += day + 60_000;
  await rounds();
  t.strictSame(await idsOf(world, "consent_links"), [2]);
  for (const RETENTION_DAYS of ["0", "0.5", "3651", "ninety", "-1"]) {
    await t.rejects(
      createWorld(t, { variables: { RETENTION_DAYS } }),
      { message: /RETENTION_DAYS/ },
      RETENTION_DAYS,
    );
  }
});

t.test(
  "years of links go in short statements, by several processes at once, and nobody's that counts",
  async (t) => {
    const world = await createWorld(t);
    const at = new Date(world.clock.now - 100 * day).toISOString();
    const link = (i: number, used: boolean): Row => ({
      customer_id: `customer-${i % 40}`,
      provider: "google",
      token_hash: `hash-${i}`,
      token_sealed: "gAAAA",
      any_account: 0,
      created_at: at,
      expires_at: at,
      used_at: used ? at : null,
      revoked_at: used ? null : at,
    });
    const links = Array.from({ length: 8_000 }, (_, i) => link(i, i % 400 < 40));
    for (let i = 0; i < links.length; i += 500)
      await tablesOf(world)
        .insertInto("consent_links")
        .values(links.slice(i, i + 500))
        .execute();
    await tablesOf(world)
      .insertInto("consent_attempts")
      .values(
        Array.from({ length: 3_000 }, (_, i) => ({
          link_id: 8_000,
          state_hash: `hash-${i}`,
          started_at: at,
        })),
      )
      .execute();

    const { consentLinks } = world.mcp.store;
    let longest = 0;
    const purgeAll = async () => {
      let removed = 0;
      for (const purge of createConsentPurges({ consentLinks, retentionDays: 90 })) {
        for (let rows = 1; rows > 0; removed += rows) {
          const begun = performance.now();
          rows = await purge.run(world.clock.now);
          longest = Math.max(longest, performance.now() - begun);
        }
      }
      return removed;
    };
    await Promise.all([purgeAll(), purgeAll()]);
    const kept = await tablesOf(world).selectFrom("consent_links").selectAll().execute();
    t.equal(kept.length, 80, "two for each customer: its newest, and the one that connected it last");
    t.equal(kept.filter(({ used_at }) => used_at !== null).length, 40);
    t.strictSame(await idsOf(world, "consent_attempts"), []);
    t.equal(await purgeAll(), 0);
    t.comment(`the longest run took ${longest.toFixed(1)} ms`);
  },
);
