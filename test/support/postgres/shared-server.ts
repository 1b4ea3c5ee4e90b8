import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * One server for all test processes of this checkout. The first process that asks starts `shared-server-process.ts`, and
 * each that uses it keeps a connection to that one open: it ends some seconds after the last process has gone, however
 * that went.
 */
let url: Promise<string> | undefined;

/** @returns the URL of a PostgreSQL database: `TEST_POSTGRES_URL`, or one of our own. Tests make schemas in it. */
export function sharedServerUrl(): Promise<string> {
  url ??= process.env.TEST_POSTGRES_URL ? Promise.resolve(process.env.TEST_POSTGRES_URL) : startShared();
  return url;
}

/** In Linux' abstract namespace a name ends with its process, and no file is left. */
function socketName(): string {
  const checkout = fileURLToPath(new URL(".", import.meta.url));
  const of = `${checkout} ${process.env.TEST_POSTGRES_BIN ?? ""} ${process.getuid?.()}`;
  const name = `cita-postgres-${createHash("sha256").update(of).digest("hex").slice(0, 16)}`;
  return platform() === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

const startTimeoutMs = 40_000;

async function startShared(): Promise<string> {
  const name = socketName();
  for (const end = performance.now() + startTimeoutMs; performance.now() < end; await sleep(50)) {
    const socket = await tryConnect(name);
    if (socket !== undefined) {
      const answer = await readAnswer(socket);
      // It may have been about to end.
      if (answer === undefined) continue;
      if (answer.error !== undefined) throw new Error(answer.error);
      socket.unref();
      return answer.url;
    }
    startProcess(name);
    await sleep(200);
  }
  throw new Error("The tests' PostgreSQL server hasn't started.");
}

async function tryConnect(name: string): Promise<Socket | undefined> {
  const socket = connect(name);
  // It is closed by the other side, when that is killed.
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    if (!name.startsWith("\0")) rmSync(name, { force: true });
    return undefined;
  }
}

/** Of several that are started at once, one gets the name, and the others end. */
function startProcess(name: string): void {
  const script = fileURLToPath(new URL("shared-server-process.ts", import.meta.url));
  spawn(process.execPath, ["--no-warnings", script, name.replace("\0", "@")], {
    detached: true,
    stdio: "ignore",
  }).unref();
}

type Answer = { readonly url: string; readonly error?: undefined } | { readonly error: string };

async function readAnswer(socket: Socket): Promise<Answer | undefined> {
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.endsWith("\n")) return JSON.parse(text);
  }
  return undefined;
}
