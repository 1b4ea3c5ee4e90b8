import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "../free-port.ts";
import { type Binaries, findBinaries } from "./binaries.ts";

/** A PostgreSQL server with an empty data folder of its own. */
export type PostgresServer = {
  readonly port: number;
  readonly dataFolder: string;
  /** Of its database `postgres`, as its superuser. */
  readonly url: string;
  start(): Promise<void>;
  /** `fast` ends all connections and closes the database; `immediate` is a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
};

export type ServerOptions = {
  /** Waits for the disk at each commit. For proofs of durability and figures; other tests don't pay for it. */
  readonly durable: boolean;
  readonly settings?: Readonly<Record<string, string | number>>;
};

/** The superuser needs no password: the server listens at 127.0.0.1 only. Users whom a test creates do. */
const clientAuthentication = `
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
`;
const shutdowns = { fast: "SIGINT", immediate: "SIGQUIT" } as const;

/** Creates a server and starts it. */
export async function createServer({ durable, settings = {} }: ServerOptions): Promise<PostgresServer> {
  const binaries = findBinaries();
  const folder = mkdtempSync(join(durable ? tmpdir() : memoryFolder(), "cita-postgres-"));
  const data = join(folder, "data");
  const { uid, gid } = binaries.owner;
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  await initialize(binaries, data);
  const port = await freePort();
  const args = toArguments({
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    max_connections: 300,
    shared_buffers: "64MB",
    timezone: "UTC",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
    ...settings,
  });
  let child: ChildProcess | undefined;
  const server: PostgresServer = {
    port,
    dataFolder: data,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async start() {
      child = spawn(binaries.postgres, ["-D", data, ...args], {
        ...binaries.owner,
        cwd: folder,
        stdio: "ignore",
      });
      await answering(server.url, child);
    },
    async stop(mode) {
      if (child === undefined || child.exitCode !== null) return;
      const exit = once(child, "exit");
      child.kill(shutdowns[mode]);
      await exit;
    },
    async remove() {
      await server.stop("immediate");
      for (const path of [folder, binaries.copy]) if (path !== undefined) rmSync(path, { recursive: true });
    },
  };
  await server.start();
  return server;
}

const neededBytes = 1e9;

/** Containers often have 64 MB of it only. */
function memoryFolder(): string {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > neededBytes ? memory : tmpdir();
}

async function initialize({ initdb, owner }: Binaries, data: string): Promise<void> {
  const env = { ...process.env, LC_ALL: "C" };
  const args = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"];
  await promisify(execFile)(initdb, args, { ...owner, env, cwd: join(data, "..") });
  // Written in place, so that it stays the owner's.
  writeFileSync(join(data, "pg_hba.conf"), clientAuthentication);
}

function toArguments(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

const startTimeoutMs = 20_000;

async function answering(url: string, child: ChildProcess): Promise<void> {
  for (const end = performance.now() + startTimeoutMs; ; ) {
    const client = new pg.Client(url);
    client.on("error", () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL has ended with code ${child.exitCode}.`);
      if (performance.now() > end) throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
