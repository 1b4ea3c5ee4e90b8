/**
 * PostgreSQL behind the contract of `../database.ts`: Kysely's dialect over a pool of `pg` (`connections.ts`), each of
 * whose connections is set up (`session.ts`) and watched (`connection.ts`) here, and a schema for each service
 * (`schema.ts`). The library is loaded by the first query, so that services on SQLite don't pay for it.
 */

import { type DialectAdapter, Kysely, PostgresAdapter, PostgresDialect } from "kysely";
import type { Database, OpenOptions } from "../database.ts";
import type { Engine, EngineAdapter } from "../engine.ts";
import { createKeyQueue } from "../key-queue.ts";
import type { Connections } from "./connections.ts";
import { takeKey } from "./exclusively.ts";
import { checkWritable, findDamage } from "./health.ts";
import { hasTable, migrate } from "./migrations.ts";
import { parsePostgresUrl } from "./url.ts";
import { createWake, type Wake } from "./wake.ts";

/** Those of one key that have a connection: one that has the key, and one that has it next. */
const keyWidth = 2;

/** The database is reached by the first query. @throws DatabaseUrlError */
export function openPostgres(url: string, options: OpenOptions = {}): Database {
  const settings = parsePostgresUrl(url, options);
  let connections: Promise<Connections> | undefined;
  let opened: Connections | undefined;
  const connect = () => {
    connections ??= import("./connections.ts").then(({ createConnections }) => {
      opened = createConnections(settings, () => wake.announce());
      return opened;
    });
    return connections;
  };
  const wake = createWake(connect, settings.schema);
  const engine: Engine = {
    name: "postgres",
    keyQueue: createKeyQueue({ width: keyWidth, maxWaitMs: 2 * settings.lockTimeoutMs }),
    takeKey,
    connectionUse: () => ({ inUse: 0, waiting: 0, ...opened?.use(), limit: settings.poolSize }),
    watchCommits: (_db, onCommit) => wake.watch(onCommit),
    checkWritable,
    findDamage,
    hasTable,
    migrate,
  };
  return new Kysely({ dialect: new EngineDialect(engine, connect, wake) });
}

class EngineDialect extends PostgresDialect {
  readonly #engine: Engine;

  constructor(engine: Engine, connect: () => Promise<Connections>, wake: Wake) {
    const pool = async () => {
      const { pool } = await connect();
      const end = () => {
        wake.close();
        return pool.end();
      };
      return { ...pool, end };
    };
    super({ pool });
    this.#engine = engine;
  }

  override createAdapter(): DialectAdapter {
    return new PostgresEngineAdapter(this.#engine);
  }
}

class PostgresEngineAdapter extends PostgresAdapter implements EngineAdapter {
  readonly engine: Engine;
  constructor(engine: Engine) {
    super();
    this.engine = engine;
  }
}
