import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Test } from "tap";

/** A process under test, with all it has printed. */
export type Command = {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when a text was printed; rejects when the process ends without it. */
  printed(text: string): Promise<void>;
  /** Sends a signal and resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  ended: Promise<number | null>;
};

type CommandOptions = { cwd: string; env: Record<string, string>; args?: string[] };

type ScriptOptions = CommandOptions & {
  /** Another tree of the repository than this one. */
  tree?: string | undefined;
};

const thisTree = fileURLToPath(new URL("../../", import.meta.url));

function sharedCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE: cache } = process.env;
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: resolve(cache) };
}

/** Runs one of the repository's scripts on this Node, with nothing of our own environment but PATH and that cache. */
export function runScript(
  t: Test,
  script: string,
  { cwd, env, args = [], tree = thisTree }: ScriptOptions,
): Command {
  const file = resolve(tree, script);
  return runProgram(t, process.execPath, {
    cwd,
    env: { ...sharedCache(), ...env },
    args: [file, ...args],
  });
}

/** Runs a program with nothing of our own environment but PATH. */
export function runProgram(t: Test, program: string, { cwd, env, args = [] }: CommandOptions): Command {
  const child = spawn(program, args, { cwd, env: { PATH: process.env.PATH, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("printed");
    });
  }
  const closed = once(child, "close");
  // Its own children may keep its output open: then its end is what counts, after a moment for the rest.
  const ended = once(child, "exit").then(async ([code]): Promise<number | null> => {
    await Promise.race([closed, sleep(300, undefined, { ref: false })]);
    return code;
  });
  const kill = () => void child.kill("SIGKILL");
  // Also where a test fails in a way that nothing is torn down.
  process.once("exit", kill);
  void ended.then(() => process.off("exit", kill));
  t.teardown(async () => {
    kill();
    await ended;
  });
  return {
    child,
    ended,
    output: () => output,
    printed: async (text) => {
      while (!output.includes(text)) {
        const what = await Promise.race([once(child, "printed"), ended.then(() => "ended")]);
        if (what === "ended" && !output.includes(text))
          throw new Error(`it ended without printing ${text}:\n${output}`);
      }
    },
    end: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a command line as a person would paste it into bash. */
export async function runInShell(commandLine: string, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", commandLine], { cwd });
  return stdout;
}
