import { type ChildProcess, execFileSync, fork, type Serializable, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * What is measured runs in child processes, so that it doesn't share the event loop of what measures it. They end,
 * and temporary folders are removed, when this process exits.
 */

export type StartedProcess = {
  readonly pid: number;
  /** @throws when it has ended. */
  assertRunning(): void;
  stop(): Promise<void>;
};

export type Worker<Job extends Serializable, Answer> = {
  run(job: Job): Promise<Answer>;
  stop(): Promise<void>;
};

const stopTimeoutMs = 2_000;
const answerTimeoutMs = 15_000;
const running = new Set<ChildProcess>();
const stopping = new WeakSet<ChildProcess>();
const folders = new Set<string>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * Runs a command `node …` of package.json's scripts at the repository's root. Its environment has only `env` and
 * what `inheritedEnv` lets through, so that a developer's variables don't change what is measured.
 * @param logs whether its stdout goes to stderr, or the file that it is appended to
 */
export function startProcess(
  command: string,
  { env = {}, logs = false }: { env?: Record<string, string>; logs?: boolean | string } = {},
): StartedProcess {
  const [, ...args] = command.replace(/^exec /, "").split(" ");
  const child = spawn(process.execPath, args, {
    cwd: pathOf("."),
    env: { ...inheritedEnv(), ...env },
    stdio: ["ignore", typeof logs === "string" ? openSync(logs, "a") : logs ? 2 : "ignore", 2],
  });
  watch(child, command);
  return {
    pid: child.pid ?? 0,
    assertRunning() {
      if (!running.has(child)) throw new Error(`${command} ended (${child.exitCode ?? child.signalCode}).`);
    },
    stop: () => stop(child),
  };
}

/** Starts a script of this repository that answers each message with one message. */
export function startWorker<Job extends Serializable, Answer>(script: string): Worker<Job, Answer> {
  const child = fork(pathOf(script), { env: inheritedEnv(), execArgv: [] });
  watch(child, script);
  return {
    async run(job) {
      const ended = new AbortController();
      const onExit = () => ended.abort(new Error(`${script} ended.`));
      child.once("exit", onExit);
      const answered = once(child, "message", { signal: ended.signal });
      child.send(job);
      const [answer] = await answered;
      child.off("exit", onExit);
      return answer as Answer;
    },
    stop: () => stop(child),
  };
}

/** Logs an end that was not asked for: otherwise only the failed connections of its callers would show. */
function watch(child: ChildProcess, script: string): void {
  running.add(child);
  child.once("exit", (code, signal) => {
    running.delete(child);
    if (!stopping.has(child)) process.stderr.write(`${script} ended by itself (${code ?? signal}).\n`);
  });
}

export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...running].map(stop));
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  const exited = once(child, "exit");
  stopping.add(child);
  child.kill("SIGTERM");
  await exited;
  clearTimeout(timer);
}

/** Repeats an attempt until it succeeds, for 15 seconds at most. @throws at once when the server has ended. */
export async function untilAnswered<Answer>(
  server: StartedProcess,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = Date.now() + answerTimeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      server.assertRunning();
      if (Date.now() > deadline) throw error;
    }
    await sleep(3);
  }
}

/** Resident memory as ps and top show it, in units of 1024 kB. */
export function residentMebibytes({ pid }: StartedProcess): number {
  const status = `/proc/${pid}/status`;
  const kibibytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1]
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return Number(kibibytes) / 1024;
}

/** A new folder, removed when this process exits. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cita-bench-"));
  folders.add(folder);
  return folder;
}

/** @param script relative to the repository */
export function pathOf(script: string): string {
  return fileURLToPath(new URL(`../${script}`, import.meta.url));
}

/** `NODE_OPTIONS` stays, so that `NODE_OPTIONS=--cpu-prof` profiles what is measured. */
function inheritedEnv(): Record<string, string> {
  const { PATH = "", NODE_OPTIONS = "" } = process.env;
  return { PATH, NODE_OPTIONS };
}
