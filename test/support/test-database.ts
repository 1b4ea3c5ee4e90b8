import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Database, type OpenOptions, openDatabase } from "@cita/database";
import pg from "pg";
import type { Test } from "tap";
import { sharedServerUrl } from "./postgres/shared-server.ts";
import { makeTestFolder } from "./test-folder.ts";

export const engines = ["sqlite", "postgres"] as const;
export type EngineName = (typeof engines)[number];

/** The engine of whole services, where a test doesn't say: SQLite, or what `TEST_DATABASE` names. */
export const engineOfRun: EngineName = process.env.TEST_DATABASE === "postgres" ? "postgres" : "sqlite";

/** An empty database of a test's own. */
export type TestDatabase = {
  readonly engine: EngineName;
  readonly url: string;
  /** Opens it, once or more often. It is closed with the test. */
  open(options?: OpenOptions): Database;
};

/** A test that holds on every engine. */
export function forEachDatabase(
  t: Test,
  name: string,
  test: (t: Test, database: TestDatabase) => Promise<void>,
): void {
  for (const engine of engines) {
    void t.test(`${name} (${engine})`, async (t) => test(t, await createTestDatabase(t, engine)));
  }
}

/** In SQLite a file; in PostgreSQL a schema of the server that tests share. Removed with the test. */
export async function createTestDatabase(t: Test, engine: EngineName): Promise<TestDatabase> {
  const url = engine === "sqlite" ? `file:${join(makeTestFolder(t), "test.db")}` : await createPostgresUrl(t);
  return {
    engine,
    url,
    open(options) {
      const db = openDatabase(url, options);
      t.teardown(() => db.destroy());
      return db;
    },
  };
}

/** Few connections, since many test processes share one server. @returns a URL whose schema is made when it is opened */
export async function createPostgresUrl(t: Pick<Test, "teardown">): Promise<string> {
  const url = new URL(await sharedServerUrl());
  const schema = `test_${randomBytes(6).toString("hex")}`;
  url.searchParams.set("schema", schema);
  url.searchParams.set("pool_size", "8");
  t.teardown(() => dropSchema(schema));
  return url.href;
}

/** Dropping takes the tables' locks one after another, and may meet the server's own vacuum of them in another order. */
async function dropSchema(schema: string): Promise<void> {
  const admin = await adminPool();
  for (let triesLeft = 3; ; triesLeft--) {
    try {
      await admin.query(`drop schema if exists ${schema} cascade`);
      return;
    } catch (error) {
      if (triesLeft === 0 || !(error instanceof pg.DatabaseError) || error.code !== deadlockDetected)
        throw error;
    }
  }
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const deadlockDetected = "40P01";

let pool: pg.Pool | undefined;

async function adminPool(): Promise<pg.Pool> {
  pool ??= new pg.Pool({ connectionString: await sharedServerUrl(), max: 2, allowExitOnIdle: true });
  return pool;
}
