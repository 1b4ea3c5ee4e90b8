import closeWithGrace from "close-with-grace";
import { ConfigError } from "./config.ts";
import { describeError } from "./logger.ts";

/** A started service. */
export type RunningService = {
  close(): Promise<void>;
  /** Resolves when nobody is left to serve. The process then stops. */
  ended?: Promise<void>;
};

const graceMs = 10_000;

/**
 * Runs a service until SIGINT or SIGTERM, and then waits up to 10 s for `close`. If it can't start, one sentence on stderr
 * says why, and the exit code is 1.
 */
export async function runService(name: string, start: () => Promise<RunningService>): Promise<void> {
  // In a microtask, so that signals are handled before anything of the start is done, and what it throws at once is
  // a rejection too.
  const starting = Promise.resolve().then(start);
  const { close, uninstall } = closeWithGrace({ delay: graceMs, logger: false }, async ({ err }) => {
    if (err !== undefined)
      process.stderr.write(`${name} stops after an error nobody caught: ${describeUncaught(err)}\n`);
    await (await starting).close();
  });
  try {
    const service = await starting;
    // A parent process with an IPC channel is told that the service is ready. When the parent ends, in whatever way,
    // the channel is closed, and the service ends too.
    process.once("disconnect", () => void close());
    process.send?.("ready");
    void service.ended?.then(close);
  } catch (error) {
    uninstall();
    process.stderr.write(`${name} can't start. ${explainStartFailure(error)}\n`);
    process.exitCode = 1;
  }
}

/** Without unknown messages, as in the log. */
function describeUncaught(error: unknown): string {
  const { type, code, message, stack } = describeError(error);
  return `${type}${code === undefined ? "" : ` ${code}`}: ${message}\n${stack ?? ""}`;
}

function explainStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code === "EADDRINUSE")
    return `Port ${port} is in use by another program: stop it or choose another port.`;
  if (code === "EACCES" && port !== undefined) return `Port ${port} needs more rights than this user has.`;
  return message ?? String(error);
}
