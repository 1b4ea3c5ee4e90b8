import { once } from "node:events";
import { readFileSync } from "node:fs";
import { generateFernetKey } from "@cita/token-store";
import t from "tap";
import { comingMonday } from "../support/coming-monday.ts";
import { type Command, runScript } from "../support/command.ts";
import { fillDatabase } from "../support/filled-database.ts";
import { createServer } from "../support/postgres/server.ts";
import { createProcessWorld } from "../support/process-world.ts";
import { runDb, startDb } from "../support/run-db.ts";
import { openStored } from "../support/stored-connections.ts";

const customers = 10_000;
const links = 1_000;
const monday = comingMonday();
const service = "apps/mcp-calendar/src/main.ts";
const bookAt = (time: string) => ({ start_iso: `${monday}T${time}:00-05:00`, attendee_name: "Ana" });

t.test("10,000 customers move to PostgreSQL, interrupted on the way", { timeout: 600_000 }, async (t) => {
  t.testdir();
  const world = await createProcessWorld(t);
  const server = await createServer({ durable: true });
  t.teardown(() => server.remove());
  const from = `file:${world.databaseFile}`;
  const to = `${server.url}?schema=mcp_calendar`;
  const args = ["copy", "--from", from, "--to", to];

  const before = await world.start(service, { DATABASE_URL: from });
  await before.connect("luna");
  const { answer } = await before.call("luna", "book", bookAt("10:00"));
  t.match(answer, { status: "confirmed" });
  await before.end();
  await fillDatabase(from, { encryptionKey: world.encryptionKey, customers, links });
  const file = readFileSync(world.databaseFile);

  for (const pages of [1, 2]) {
    const killed = startDb(t, args);
    await printedOften(killed, / rows\n/g, pages);
    await killed.end("SIGKILL");
    t.notMatch(killed.output(), "Comparing");
    t.comment(`killed after: ${lastLine(killed.output())}`);
  }
  const cut = startDb(t, args);
  await cut.printed("Going on after ");
  await printedOften(cut, / of \d+ rows\n/g, 1);
  await server.stop("immediate");
  t.equal(await cut.ended, 1);
  t.match(
    lastLine(cut.output()),
    /^The PostgreSQL database .*repeat the command: it goes on where it was\.$/,
  );
  await server.start();
  const comparing = startDb(t, args);
  await comparing.printed("Comparing every row");
  await comparing.end("SIGKILL");
  t.notMatch(comparing.output(), "Complete");

  const begun = performance.now();
  const { code, text } = await runDb(t, args);
  t.comment(`${text}the rest took ${Math.round(performance.now() - begun)} ms`);
  t.match(
    { code, text },
    { code: 0, text: /Going on after \d+ rows\.[\s\S]*Complete: every row is the same/ },
  );
  t.match(
    text,
    new RegExp(`oauth_tokens +${customers + 1} rows[\\s\\S]* bookings +${2 * customers + 1} rows`),
  );
  t.ok(file.equals(readFileSync(world.databaseFile)), "the source is as it was");

  t.equal(await openStored(to).countWhole(world.encryptionKey), customers, "all tokens open");
  const newer = generateFernetKey();
  const keyRing = { TOKEN_ENCRYPTION_KEY: `${newer},${world.encryptionKey}`, DATABASE_URL: to };
  const rotation = runScript(t, "scripts/keys.ts", { cwd: world.folder, env: keyRing, args: ["rotate"] });
  // The one of luna, too, and her link.
  t.equal(await rotation.ended, 0, "nothing is left that the key can't open");
  t.match(rotation.output(), `${customers + links + 2} rows were sealed`);

  const after = await world.start(service, { ...keyRing, TOKEN_ENCRYPTION_KEY: newer });
  t.match(await after.bookings("luna"), [{ booking_id: answer.booking_id }]);
  t.match((await after.call("luna", "book", bookAt("10:00"))).error, { code: "slot_taken" });
  t.match(await after.call("luna", "book", bookAt("11:00")), { answer: { status: "confirmed" } });
  t.equal((await after.bookings("luna")).length, 2);
  t.equal((await after.bookings("quiet-7777")).length, 2);
  t.equal(await after.end(), 0);
});

/** Resolves when a command has printed something so often. */
async function printedOften({ child, output, ended }: Command, what: RegExp, times: number): Promise<void> {
  while ((output().match(what) ?? []).length < times) {
    const next = await Promise.race([once(child, "printed"), ended.then(() => "ended")]);
    if (next === "ended") throw new Error(`it ended before:\n${output()}`);
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
