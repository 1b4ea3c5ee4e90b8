import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateFernetKey } from "@cita/token-store";
import t, { type Test } from "tap";
import { comingMonday } from "../support/coming-monday.ts";
import { type Command, runScript } from "../support/command.ts";
import { createProcessWorld, type ToolOutcome } from "../support/process-world.ts";
import { fingerprintOf, openStored } from "../support/stored-connections.ts";

const service = "apps/mcp-calendar/src/main.ts";
const quiet = 1_500;
const monday = { date_iso: comingMonday() };
const [older, newer, lost] = [generateFernetKey(), generateFernetKey(), generateFernetKey()] as const;

const world = await createProcessWorld(t);
const { folder } = world;
const stored = openStored(`file:${join(folder, "data/calendar.db")}`);
const start = (keys: string) => world.start(service, { TOKEN_ENCRYPTION_KEY: keys });

/** `npm run keys`, which says no key but a new one. */
async function keys(
  t: Test,
  keyRing: string,
  ...args: string[]
): Promise<{ code: number | null; text: string }> {
  const command = run(t, keyRing, args);
  const code = await command.ended;
  for (const key of keyRing.split(",")) t.notMatch(command.output(), key, "a key isn't printed");
  return { code, text: command.output() };
}

function run(t: Test, keyRing: string, args: string[]): Command {
  const env = { TOKEN_ENCRYPTION_KEY: keyRing, DATABASE_URL: stored.url };
  return runScript(t, "scripts/keys.ts", { cwd: folder, env, args });
}

const first = await start(older);
for (const customer of ["luna", "sol", "mar"]) await first.connect(customer);
await first.end();

t.test("a new key comes with what to do with it, and is another each time", async (t) => {
  const [one, two, mistyped] = await Promise.all([
    keys(t, older, "generate"),
    keys(t, older, "generate"),
    keys(t, older, "rotat"),
  ]);
  t.match(one, { code: 0, text: /^[\w-]{43}=\n[\s\S]*FIRST in TOKEN_ENCRYPTION_KEY[\s\S]*rotate/ });
  t.not(one.text, two.text);
  t.match(mistyped, { code: 2, text: /npm run keys -- status/ });
});

t.test("keys are rotated while the service runs, killed in the middle and begun again", async (t) => {
  await stored.addConnections(older, quiet);
  const both = `${newer},${older}`;
  const running = await start(both);
  const { code, text } = await keys(t, both, "status");
  t.equal(code, 0);
  t.match(text, new RegExp(`1\\. ${fingerprintOf(newer)}  connections: 0, links: \\d+\n`));
  t.match(text, new RegExp(`2\\. ${fingerprintOf(older)}  connections: ${quiet + 3}, links: 0 \\(and 3 `));
  t.match(text, "npm run keys -- rotate");

  let rotating = true;
  t.teardown(() => {
    rotating = false;
  });
  const outcomes: ToolOutcome[] = [];
  const ask = (customer: string) => running.call(customer, "get_available_slots", monday);
  const asking = (async () => {
    while (rotating) {
      await world.sandbox("POST", "expire-access-tokens");
      outcomes.push(...(await Promise.all(["luna", "sol"].map(ask))));
      await sleep(50);
    }
  })();
  const killed = run(t, both, ["rotate"]);
  await killed.printed(" rows\n");
  await killed.end("SIGKILL");
  const half = await stored.connectionsByKey();
  t.ok((half[fingerprintOf(newer)] ?? 0) >= 100, "some are on the new key");
  t.ok((half[fingerprintOf(older)] ?? 0) > 0, "and some aren't yet");

  const resumed = await keys(t, both, "rotate");
  rotating = false;
  await asking;
  t.equal(resumed.code, 0);
  t.match(
    resumed.text,
    `Nothing needs ${fingerprintOf(older)} any more: remove it from TOKEN_ENCRYPTION_KEY`,
  );
  t.strictSame(await stored.connectionsByKey(), { [fingerprintOf(newer)]: quiet + 3 });
  t.ok(outcomes.length >= 6, `${outcomes.length} calls meanwhile`);
  t.strictSame(
    outcomes.filter(({ error }) => error !== undefined),
    [],
    "all of them answered, with a refresh each",
  );
  await running.end();
  t.equal(await stored.countWhole(newer), quiet, "the new key alone opens everything, as it was");
});

t.test(
  "with a key that opens nothing the service doesn't start, and says which one is missing",
  async (t) => {
    const status = keys(t, lost, "status");
    const refused = start(lost);
    await t.rejects(refused, {
      message: new RegExp(
        `can't start\\. TOKEN_ENCRYPTION_KEY has none[\\s\\S]*${fingerprintOf(newer)} seals ${quiet + 3} connections`,
      ),
    });
    const said = await refused.catch((error: Error) => error.message);
    for (const hidden of [lost, newer, /\n\s+at /]) t.notMatch(said, hidden);
    const { code, text } = await status;
    t.equal(code, 1);
    t.match(text, new RegExp(`not in TOKEN_ENCRYPTION_KEY:\n  -  ${fingerprintOf(newer)}`));
    t.match(text, "mcp-calendar won't start without it");
  },
);

t.test("a missing key and a damaged row are their own customers' trouble alone", async (t) => {
  await stored.moveToKey("mar", newer, lost);
  await stored.flipBit("sol");
  const running = await start(newer);
  await until(() => running.output().includes("lacks a key"));
  t.match(
    running.output(),
    `"missing_keys":[{"fingerprint":"${fingerprintOf(lost)}","connections":1,"links":0}]`,
  );

  t.match(await running.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
  const unavailable = { error: { code: "calendar_unavailable", retryable: true } };
  t.match(await running.call("mar", "get_available_slots", monday), unavailable);
  t.match(await running.call("sol", "get_available_slots", monday), unavailable);
  await until(() => running.output().includes("customer sol"));
  t.match(
    running.output(),
    `stored for customer mar is sealed with key ${fingerprintOf(lost)}, which TOKEN_ENCRYPTION_KEY doesn't have`,
  );
  t.match(running.output(), "refresh_token stored for customer sol is damaged");
  for (const key of [newer, lost]) t.notMatch(running.output(), key);

  const { code, text } = await keys(t, newer, "rotate");
  t.equal(code, 1);
  t.match(text, `need key ${fingerprintOf(lost)}, which is not in TOKEN_ENCRYPTION_KEY: mar.`);

  // The business taps a new link, and the operator gives the lost key up.
  await running.connect("sol");
  t.match(await running.call("sol", "get_available_slots", monday), { answer: { slots: Array } });
  const forgotten = await keys(t, newer, "forget", fingerprintOf(lost));
  t.match(forgotten, { code: 0, text: /new link for each of these customers: mar\n/ });
  t.match(await running.call("mar", "get_available_slots", monday), { error: { code: "not_connected" } });
  t.match(await keys(t, newer, "status"), { code: 0, text: /Nothing to do/ });
  t.match(await keys(t, newer, "forget", fingerprintOf(newer)), { code: 1, text: /is not deleted/ });
  await running.end();
});

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !isSo() && Date.now() < deadline; ) await sleep(10);
}
