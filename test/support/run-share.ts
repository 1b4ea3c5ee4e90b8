import { globSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import t from "tap";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const places = ["test/*.test.ts", "packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts"];
const testTimeoutMs = 60_000;

/**
 * Runs one share of the test files, one after another in this process: most of a small file's time is spent on
 * loading and compiling what every other file loads, too. There are as many shares as there are files beside `own`.
 * @param own the file that calls this
 */
export function runShare(own: string): void {
  const shares = readdirSync(dirname(own)).sort();
  const files = globSync(places, { cwd: repository }).sort();
  // tap counts from the start of the process to its end.
  t.on("subtestStart", () => t.setTimeout(testTimeoutMs));
  runAll(files.filter((_, index) => index % shares.length === shares.indexOf(basename(own))));
}

/** Each under a line with its name. The tests of a file are queued while it is imported, and those of the next later. */
function runAll([file, ...others]: readonly string[]): void {
  if (file === undefined) return;
  void t.test(file, async () => {
    try {
      await import(pathToFileURL(join(repository, file)).href);
    } finally {
      runAll(others);
    }
  });
}
