/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs an operator's command. An error is printed to stderr as its message, without a stack. The exit code is what
 * the command returns, 1 after an error, and 2 after a `UsageError`.
 */
export async function runCommand(run: (args: string[]) => Promise<number>): Promise<void> {
  let code: number;
  try {
    code = await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    code = error instanceof UsageError ? 2 : 1;
  }
  // The callback runs once all is printed. Without an exit a pending DNS request keeps the process for seconds.
  process.stdout.write("", () => process.exit(code));
}
