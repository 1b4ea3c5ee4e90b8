import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import type { ConnectionUse } from "../engine.ts";
import { createConnection } from "./connection.ts";
import { explainPostgresError, poolExhausted } from "./errors.ts";
import { prepareSchema } from "./schema.ts";
import { startSession } from "./session.ts";
import { createStatementNames } from "./statement-names.ts";
import type { PostgresSettings } from "./url.ts";
import { valueTypes } from "./value-types.ts";
import { within } from "./within.ts";

/** The connections of one service to its database. */
export type Connections = {
  /** As Kysely's driver takes it. */
  readonly pool: PostgresPool;
  use(): Pick<ConnectionUse, "inUse" | "waiting">;
  /** A connection beside the pool, set up as those in it are. @throws DatabaseError */
  connectAlone(): Promise<pg.Client>;
};

/** An unused connection is closed after this, and a used one is replaced: it may lead to a server that isn't the primary. */
const idleTimeoutMs = 60_000;
const maxLifetimeSeconds = 1_800;
const endTimeoutMs = 2_000;

/** @param onWrite called when this process has committed something. */
export function createConnections(settings: PostgresSettings, onWrite: () => void): Connections {
  const config = toClientConfig(settings);
  const nameOf = createStatementNames();
  let schemaPrepared: Promise<void> | undefined;

  async function setUp(client: pg.ClientBase): Promise<void> {
    await startSession(client, settings);
    schemaPrepared ??= prepareSchema(client, settings).catch((error: unknown) => {
      schemaPrepared = undefined;
      throw error;
    });
    await schemaPrepared;
  }

  /** The library's own limit ends with the login. */
  const setUpInTime = (client: pg.ClientBase) =>
    within(
      setUp(client),
      settings.connectTimeoutMs,
      () => new Error("Connection terminated due to connection timeout"),
    );

  const pool = new pg.Pool({
    ...config,
    Client: ClosingClient,
    max: settings.poolSize,
    idleTimeoutMillis: idleTimeoutMs,
    maxLifetimeSeconds,
    onConnect: setUpInTime,
  });
  // An idle connection was closed. The pool has removed it already.
  pool.on("error", () => undefined);
  let inUse = 0;
  const onRelease = () => {
    inUse -= 1;
  };

  async function connect(): Promise<PostgresPoolClient> {
    try {
      const client = await pool.connect();
      inUse += 1;
      return createConnection(client, { settings, nameOf, onWrite, onRelease });
    } catch (error) {
      if (inUse >= settings.poolSize && isWaitingTooLong(error)) throw poolExhausted(settings, error);
      throw explainPostgresError(error, settings);
    }
  }

  /** A server that can't be reached any more doesn't answer to the end of a connection either. */
  async function end(): Promise<void> {
    await within(pool.end(), endTimeoutMs, () => new Error("no answer")).catch(() => undefined);
  }

  return {
    pool: { connect, end, options: {} },
    use: () => ({ inUse, waiting: pool.waitingCount }),

    async connectAlone() {
      const client = new pg.Client(config);
      client.on("error", () => undefined);
      try {
        await client.connect();
        await setUpInTime(client);
        return client;
      } catch (error) {
        void client.end().catch(() => undefined);
        throw explainPostgresError(error, settings);
      }
    },
  };
}

type ConnectCallback = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** Closes the connection when the login fails on this side, for want of a password: the library would leave it open. */
class ClosingClient extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.Client> | undefined {
    if (callback === undefined) return super.connect();
    const told = callback as (error: Error | null, client: pg.Client) => void;
    super.connect((error: Error | null) => {
      if (error) void this.end();
      told(error, this);
    });
    return undefined;
  }
}

function toClientConfig({ server, applicationName, connectTimeoutMs }: PostgresSettings): pg.ClientConfig {
  const { host, port, user, password, database, ssl } = server;
  const given = Object.entries({ host, port, user, password, database });
  return {
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ssl,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: valueTypes,
  };
}

/** The pool says the same of a connection that isn't made in time, and of one that isn't given back in time. */
function isWaitingTooLong(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("timeout exceeded when trying to connect");
}
