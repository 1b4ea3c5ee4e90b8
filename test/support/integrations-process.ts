import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engineName, exclusively, isPostgresUrl, openDatabase } from "@cita/database";
import { accountProviders } from "@cita/providers/accounts";
import { buildSandbox } from "@cita/sandbox";
import { generateFernetKey } from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import type { Test } from "tap";
import { runScript } from "./command.ts";
import { freePort } from "./free-port.ts";
import { clientVariables, createCaller, redirectUri } from "./integrations-world.ts";
import { refuseLeaksInTables } from "./leaks-in-tables.ts";
import { createSecrets, refuseLeaks } from "./secrets.ts";
import { createPostgresUrl, type EngineName } from "./test-database.ts";
import { makeTestFolder } from "./test-folder.ts";
import { adminKey, serviceKey } from "./test-keys.ts";

/** The integration service as processes over one database, to be killed and started again. The stand-ins are in this one. */
export async function createIntegrationProcesses(t: Test, engine: EngineName) {
  const encryptionKey = generateFernetKey();
  const secrets = createSecrets({ adminKey, serviceKey, encryptionKey });
  const outputs: (() => string)[] = [];
  const cwd = makeTestFolder(t);
  refuseLeaks(t, secrets, { folder: cwd, log: () => outputs.map((output) => output()).join("") });
  const databaseUrl =
    engine === "postgres" ? await createPostgresUrl(t) : `file:${join(cwd, "integrations.db")}`;
  refuseLeaksInTables(t, secrets, [databaseUrl].filter(isPostgresUrl));
  const sandbox = buildSandbox();
  const tokenAnswers = watchTokenAnswers(sandbox, databaseUrl);
  t.teardown(() => sandbox.close());
  const sandboxUrl = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...clientVariables(accountProviders),
    ...{ ADMIN_API_KEY: adminKey, CALENDAR_SERVICE_KEY: serviceKey, TOKEN_ENCRYPTION_KEY: encryptionKey },
    ...{ INTEGRATIONS_PORT: `${port}`, INTEGRATIONS_PUBLIC_URL: url, INTEGRATIONS_DATABASE_URL: databaseUrl },
    ...{ PROVIDER_HOSTS_AT: sandboxUrl, ALLOWED_REDIRECT_URIS: redirectUri, LOG_LEVEL: "debug" },
  };
  return {
    ...{ url, sandboxUrl, databaseUrl, secrets, tokenAnswers },
    ...createCaller(url),
    async start() {
      const service = runScript(t, "apps/integrations/src/main.ts", { cwd, env });
      outputs.push(service.output);
      await service.printed("Server listening");
      return service;
    },
  };
}

export type IntegrationProcesses = Awaited<ReturnType<typeof createIntegrationProcesses>>;

/** Long enough for an answer of this machine to be read by the service. */
const readWithinMs = 300;

/**
 * A hand on the answers of the token endpoints: they are held until so many have been made, and are sent once nobody can
 * write to the database. What the providers have done then is known to the service, and stored nowhere.
 */
function watchTokenAnswers(sandbox: FastifyInstance, databaseUrl: string) {
  let holding: {
    left: number;
    readonly send: PromiseWithResolvers<void>;
    readonly made: PromiseWithResolvers<void>;
  };
  let isHolding = false;
  let sent = 0;
  sandbox.addHook("onSend", async ({ body }, reply, payload) => {
    const isOfTokenEndpoint = typeof body === "object" && body !== null && "grant_type" in body;
    if (!isHolding || !isOfTokenEndpoint) return payload;
    holding.left--;
    if (holding.left === 0) holding.made.resolve();
    await holding.send.promise;
    reply.raw.once("finish", () => sent++);
    return payload;
  });
  return {
    /** @param count of answers. @returns what resolves once all have been sent, with what lets others write again. */
    async sendBehindLock(count: number): Promise<() => Promise<void>> {
      holding = { left: count, send: Promise.withResolvers(), made: Promise.withResolvers() };
      isHolding = true;
      sent = 0;
      await holding.made.promise;
      const unlock = await lockWrites(databaseUrl);
      holding.send.resolve();
      while (sent < count) await sleep(10);
      await sleep(readWithinMs);
      isHolding = false;
      return unlock;
    },
  };
}

/** Nobody else writes integrations until the lock is given back, and what has waited for it is never written. */
async function lockWrites(databaseUrl: string): Promise<() => Promise<void>> {
  const db = openDatabase(databaseUrl);
  const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const transaction = exclusively(db, "a test", async (trx) => {
    if (engineName(trx) === "postgres")
      await sql`lock table integrations in share row exclusive mode`.execute(trx);
    locked.resolve();
    await released.promise;
  });
  await Promise.race([locked.promise, transaction]);
  return async () => {
    // PostgreSQL carries out what it was sent before its client was killed.
    if (engineName(db) === "postgres")
      await sql`select pg_terminate_backend(pid) from pg_locks
        where relation = 'integrations'::regclass and not granted`.execute(db);
    released.resolve();
    await transaction;
    await db.destroy();
  };
}
