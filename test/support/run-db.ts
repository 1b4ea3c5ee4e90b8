import type { Test } from "tap";
import { type Command, runScript } from "./command.ts";

/** `npm run db`, which is told no key. */
export function startDb(t: Test, args: string[], env: Record<string, string> = {}): Command {
  return runScript(t, "scripts/db.ts", { cwd: t.testdirName, env, args });
}

/** The same, to its end. */
export async function runDb(t: Test, args: string[], env: Record<string, string> = {}) {
  const command = startDb(t, args, env);
  return { code: await command.ended, text: command.output() };
}

export const runCopy = (t: Test, from: string, to: string) => runDb(t, ["copy", "--from", from, "--to", to]);
