import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const startTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;

/** Processes that stop together: once one of them ends, the others are stopped. */
export class ProcessGroup {
  /** Resolves with the exit code when all have ended. */
  readonly ended: Promise<number>;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #children = new Set<ChildProcess>();
  #stopping: Promise<void> | undefined;
  #end: (code: number) => void = () => undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    // Halves the start: types are stripped and code is compiled once.
    this.#environment = { NODE_COMPILE_CACHE: pathInRepository(".cache"), ...environment };
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get running(): boolean {
    return this.#stopping === undefined;
  }

  /** Starts a service and waits until it reports that it is ready. */
  async start(name: string, script: string): Promise<void> {
    if (!this.running) return;
    const child = spawn(process.execPath, [pathInRepository(script)], {
      env: this.#environment,
      // A service stops when its IPC channel closes, which it does however this process ends.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // Otherwise a terminal's Ctrl-C would reach it too, and a second signal would cut its stopping short.
      detached: true,
    });
    this.#children.add(child);
    const ended = once(child, "exit").then(() => {
      this.#children.delete(child);
      if (!this.running) return;
      process.stderr.write(`${name} has stopped, so everything is stopped.\n`);
      void this.stop(1);
    });
    const late = sleep(startTimeoutMs, "late", { ref: false });
    if ((await Promise.race([once(child, "message"), ended, late])) !== "late") return;
    process.stderr.write(
      `${name} didn't get ready in ${startTimeoutMs / 1000} seconds, so everything is stopped.\n`,
    );
    await this.stop(1);
  }

  /** Sends SIGTERM, and SIGKILL to those that haven't ended after `stopTimeoutMs`. */
  stop(code = 0): Promise<void> {
    this.#stopping ??= this.#stopAll().then(() => this.#end(code));
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const children = [...this.#children];
    const exits = Promise.all(children.map((child) => new Promise((resolve) => child.once("exit", resolve))));
    for (const child of children) child.kill("SIGTERM");
    const late = sleep(stopTimeoutMs, "late", { ref: false });
    if ((await Promise.race([exits, late])) === "late") for (const child of children) child.kill("SIGKILL");
    await exits;
  }
}

function pathInRepository(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
