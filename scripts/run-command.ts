/** A command line that can't be run. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs an operator's command. What keeps it from being done is said in a sentence on stderr, without a
 * stack; the exit code is what it returns, 1 when it fails, and 2 when the command line is wrong.
 */
export async function runCommand(run: (args: string[]) => Promise<number>): Promise<void> {
  let code: number;
  try {
    code = await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    code = error instanceof UsageError ? 2 : 1;
  }
  // Once all is printed: a DNS that doesn't answer would keep the process for many seconds more.
  process.stdout.write("", () => process.exit(code));
}
