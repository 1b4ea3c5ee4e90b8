/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs an operator's command. An error is printed as one sentence on stderr, without a stack. The exit code is the
 * command's result, 1 after an error, and 2 after a UsageError.
 */
export async function runCommand(run: (args: string[]) => Promise<number>): Promise<void> {
  let code: number;
  try {
    code = await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    code = error instanceof UsageError ? 2 : 1;
  }
  // Exits when everything is printed, since a pending DNS request would keep the process alive for many seconds.
  process.stdout.write("", () => process.exit(code));
}
