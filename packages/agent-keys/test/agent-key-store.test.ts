import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import t, { type Test } from "tap";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { type AgentKeyStore, countLiveKeys, listBusinessKeys, openAgentKeyStore } from "../src/index.ts";

const hourMs = 3_600_000;
const luna = { customerId: "luna" };
const bot = { name: "Bot", audience: "business", expiresAt: null } as const;

/** Stores of two processes over one database. */
async function openTwice(database: TestDatabase) {
  const clock = { now: Date.parse("2027-01-18T14:00:00Z") };
  const open = async () => {
    const db = database.open();
    const events = await openEventLog({ db, logger: createLogger("silent") });
    return { db, events, keys: await openAgentKeyStore({ db, events, now: () => clock.now }) };
  };
  return { ...(await open()), clock, other: (await open()).keys };
}

type Opened = Awaited<ReturnType<typeof openTwice>>;

/** Calls `act` twenty times at once, in two processes. @returns what came of each */
function atOnce<T>({ keys, other }: Opened, act: (keys: AgentKeyStore) => Promise<T>) {
  return Promise.allSettled(Array.from({ length: 20 }, (_, i) => act(i % 2 === 0 ? keys : other)));
}

const succeeded = <T>(results: PromiseSettledResult<T>[]): T[] =>
  results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));

const contract: Record<string, (t: Test, opened: Opened) => Promise<void>> = {
  async "a key is found until it is revoked, in every process"(t, { keys, other }) {
    const { key, record } = await keys.create(luna, bot);
    t.match(record, { id: 1, owner: luna, ...bot, lastCharacters: key.slice(-4), revokedAt: null });
    t.strictSame(await other.findLive(key), record);
    t.equal(await other.findLive(`cita_${"0".repeat(64)}`), undefined);
    t.equal(await other.findLive("no key"), undefined);
    t.equal(await other.revoke("platform", 1), undefined, "not the platform's");
    t.match(await other.revoke(luna, 1), { id: 1, revokedAt: Number });
    t.equal(await keys.findLive(key), undefined);
  },

  async "a key is found until it expires"(t, { keys, clock }) {
    const { key } = await keys.create("platform", { ...bot, expiresAt: clock.now + hourMs });
    clock.now += hourMs - 1;
    t.match(await keys.findLive(key), { owner: "platform" });
    clock.now += 1;
    t.equal(await keys.findLive(key), undefined);
  },

  async "live ones are listed first, then the newest, of one owner"(t, { keys, db, clock }) {
    for (const name of ["a", "b", "c"]) await keys.create(luna, { ...bot, name });
    await keys.create("platform", { ...bot, name: "d", audience: "attendee" });
    await keys.revoke(luna, 2);
    const names = async (owner: Parameters<AgentKeyStore["list"]>[0]) =>
      (await keys.list(owner)).map(({ name }) => name);
    t.strictSame(await names(luna), ["c", "a", "b"]);
    t.strictSame(await names("platform"), ["d"]);
    t.strictSame(await names({ customerId: "nobody" }), []);
    t.match(
      (await keys.describe([1, 4, 9])).sort((a, b) => a.id - b.id),
      [{ name: "a" }, { name: "d" }],
    );
    t.strictSame(await keys.describe([]), []);
    t.equal(await countLiveKeys(db, clock.now), 3);
    t.match(await listBusinessKeys(db, clock.now), [{ name: "a" }, { name: "c" }]);
  },

  async "a use is noted, and whether it named an attendee"(t, { keys, clock }) {
    const { key, record } = await keys.create(luna, bot);
    await keys.noteUse(record.id, clock.now, false);
    t.match(await keys.findLive(key), { lastUsedAt: clock.now, attendeeNamedAt: null });
    await keys.noteUse(record.id, clock.now + 1, true);
    t.match(await keys.findLive(key), { lastUsedAt: clock.now + 1, attendeeNamedAt: clock.now + 1 });
  },

  async "twenty live keys are the limit of each owner, whoever makes them at once"(t, opened) {
    const { keys, db, clock, events } = opened;
    for (let i = 0; i < 10; i++) await keys.create(luna, bot);
    const made = await atOnce(opened, (keys) => keys.create(luna, bot));
    t.equal(succeeded(made).length, 10);
    for (const result of made)
      if (result.status === "rejected") t.equal(result.reason.code, "too_many_agent_keys");
    t.equal(await countLiveKeys(db, clock.now), 20);
    t.equal((await events.page({ limit: 50 })).length, 20);
    await keys.create("platform", bot);
    await keys.revoke(luna, 1);
    await keys.create(luna, bot);
  },

  async "a key that twenty revoke at once is revoked once"(t, opened) {
    const { key, record } = await opened.keys.create(luna, bot);
    const revoked = succeeded(await atOnce(opened, (keys) => keys.revoke(luna, record.id)));
    t.equal(revoked.length, 20);
    t.equal(await opened.other.findLive(key), undefined);
    const kinds = (await opened.events.page({ limit: 50 })).map(({ kind }) => kind);
    t.strictSame(kinds, ["agent_key_revoked", "agent_key_created"]);
  },
};

for (const [name, test] of Object.entries(contract))
  forEachDatabase(t, name, async (t, database) => test(t, await openTwice(database)));
