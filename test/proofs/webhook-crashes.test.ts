import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, readConfig } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import t, { type Test } from "tap";
import { configSchema } from "../../apps/integrations/src/config.ts";
import { createServices } from "../../apps/integrations/src/services.ts";
import { runScript } from "../support/command.ts";
import { freePort } from "../support/free-port.ts";
import { createPostgresUrl, engineOfRun } from "../support/test-database.ts";
import { makeTestFolder } from "../support/test-folder.ts";
import { adminKey, serviceKey } from "../support/test-keys.ts";
import { openReceiver, until, verify } from "../support/webhook-receiver.ts";

/** postgres-webhook-crashes.test.ts runs this file again. */
const engine = new URL(import.meta.url).searchParams.get("engine") ?? engineOfRun;

/*
 * A process that reads the log, stores deliveries and sends them is killed right before each of its statements, right after,
 * and right after the commit. Then one that lives delivers everything, and each event has one id.
 */

async function openWorld(t: Test) {
  const cwd = makeTestFolder(t);
  const url = engine === "postgres" ? await createPostgresUrl(t) : `file:${join(cwd, "integrations.db")}`;
  const env = {
    ...{
      ADMIN_API_KEY: adminKey,
      CALENDAR_SERVICE_KEY: serviceKey,
      TOKEN_ENCRYPTION_KEY: generateFernetKey(),
    },
    ...{ INTEGRATIONS_DATABASE_URL: url, WEBHOOK_ALLOW_PRIVATE: "true", WEBHOOK_RETRY_SCALE: "0.01" },
    CALENDAR_URL: "http://127.0.0.1:9",
  };
  // Its loops aren't started: it makes webhooks and events.
  const services = await createServices(readConfig(configSchema, env), { logger: createLogger("silent") });
  t.teardown(() => services.close());
  const receiver = await openReceiver(t);
  return {
    ...{ services, receiver },
    async addWebhook(organizationId: string) {
      const subject = { organizationId };
      const asked = { subject, owner: subject, url: receiver.url, events: ["*"], metadata: {} };
      return services.webhooks.create(asked);
    },
    async happen(customerId: string, count: number): Promise<void> {
      for (let i = 0; i < count; i++)
        await services.events.transaction((_trx, append) =>
          append({
            ...{ customerId, kind: "integration.synced" },
            data: { integration_id: randomUUID(), user_id: "ana", provider: "slack", action: "test" },
          }),
        );
    },
    async start(more: Readonly<Record<string, string>> = {}, script = "dying-integrations-service.ts") {
      const port = `${await freePort()}`;
      return runScript(t, `test/fixtures/${script}`, {
        cwd,
        env: {
          ...env,
          ...more,
          INTEGRATIONS_PORT: port,
          INTEGRATIONS_PUBLIC_URL: `http://127.0.0.1:${port}`,
        },
      });
    },
    /** The ids of what has happened, as the log has it. */
    async happened(): Promise<string[]> {
      const ids: string[] = [];
      for (let cursor = services.events.beginning; ; ) {
        const page = await services.events.readAfter(cursor, 1_000);
        if (page.events.length === 0) return ids;
        cursor = page.cursor;
        for (const { kind, data } of page.events)
          if (kind === "integration.synced") ids.push(String(data.integration_id));
      }
    },
  };
}

type CrashWorld = Awaited<ReturnType<typeof openWorld>>;

/** What the receiver was sent: by each event's id the `webhook-id`s that it came under. */
function idsOf({ receiver }: CrashWorld): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { body, id } of receiver.received) {
    const { integrationId } = JSON.parse(body).data;
    ids.set(integrationId, (ids.get(integrationId) ?? new Set()).add(id));
  }
  return ids;
}

async function expectDelivered(t: Test, world: CrashWorld, webhookId: string, secret: string): Promise<void> {
  const happened = await world.happened();
  await until("all is delivered", 60_000, async () => {
    const open = await world.services.deliveries.countOpen();
    return open.length === 0 && idsOf(world).size === happened.length;
  }).catch(async (cause: unknown) => {
    const open = JSON.stringify(await world.services.deliveries.countOpen());
    throw new Error(`${idsOf(world).size} of ${happened.length}, and ${open}`, { cause });
  });
  const ids = idsOf(world);
  t.strictSame([...ids.keys()].sort(), happened.sort(), `${happened.length} events`);
  t.equal([...ids.values()].filter((one) => one.size !== 1).length, 0, "each under one id");
  t.equal(new Set([...ids.values()].flatMap((one) => [...one])).size, happened.length);
  for (const one of world.receiver.received) verify(secret, one);
  const events = await world.services.events.page({ limit: 10_000, kinds: ["webhook.delivered"] });
  const told = events.filter(({ data }) => data.webhook_id === webhookId);
  t.equal(told.length, happened.length, "each is told once");
  t.comment(`${world.receiver.received.length} attempts of ${happened.length} events`);
}

const steps: readonly (readonly [string, "before" | "executed" | "committed"])[] = [
  ['update "webhook_cursors"', "before"],
  ['update "webhook_cursors"', "executed"],
  ['insert into "webhook_messages"', "executed"],
  ['insert into "webhook_deliveries"', "executed"],
  ['insert into "jobs"', "executed"],
  ['insert into "jobs"', "committed"],
  ["with recursive lanes", "before"],
  ["with recursive lanes", "executed"],
  ['delete from "jobs"', "before"],
  ['delete from "jobs"', "executed"],
  ['update "webhook_deliveries"', "executed"],
  ['insert into "events"', "executed"],
  ['update "webhook_deliveries"', "committed"],
];

t.setTimeout(240_000);

t.test(`a worker that is killed at any step loses nothing (${engine})`, async (t) => {
  const world = await openWorld(t);
  const { webhook, secret } = await world.addWebhook("luna");
  for (const [statement, when] of steps) {
    await world.happen("luna", 5);
    const dying = await world.start({ DIE_AT: statement, DIE_WHEN: when });
    const code = await Promise.race([dying.ended, sleep(30_000, "it lives", { ref: false })]);
    t.equal(code, null, `${statement}, ${when}: killed`);
    if (code !== null) t.comment(dying.output());
  }
  // It dies while it waits for answers.
  await world.happen("luna", 5);
  const before = world.receiver.received.length;
  world.receiver.answer(() => undefined);
  const waiting = await world.start();
  await until("it waits", 30_000, () => world.receiver.received.length >= before + 5);
  await waiting.end("SIGKILL");
  world.receiver.answer((_received, response) => void response.writeHead(204).end());
  await world.start();
  await expectDelivered(t, world, webhook.id, secret);
});

t.test(`writers that are killed, and workers that share the work, lose nothing (${engine})`, async (t) => {
  const world = await openWorld(t);
  const { webhook, secret } = await world.addWebhook("luna");
  // On SQLite one process serves; another's writes are waited for.
  const living = await world.start({}, "hasty-integrations-service.ts");
  await living.printed("Server listening");
  for (let i = 0; i < 3; i++) {
    const writing = await world.start({ WRITES_FOR: "luna" }, "hasty-integrations-service.ts");
    await writing.printed("Server listening");
    await sleep(500 + Math.random() * 500);
    await writing.end("SIGKILL");
  }
  await expectDelivered(t, world, webhook.id, secret);
  t.equal(await world.services.jobs.nextDue(), undefined, "nothing is owed");
});
