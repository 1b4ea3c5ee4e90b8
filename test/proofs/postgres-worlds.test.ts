import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import t from "tap";

const folder = fileURLToPath(new URL("..", import.meta.url));
const perEngine = /\b(?:forEachWorld|engineOfRun)\b/;

/** Test files that ask `TEST_DATABASE` for the engine of their worlds. `npm test` has run them on SQLite. */
const files = globSync("*.test.ts", { cwd: folder })
  .filter((file) => perEngine.test(readFileSync(join(folder, file), "utf8")))
  .sort();

process.env.TEST_DATABASE = "postgres";
t.setTimeout(300_000);
t.ok(files.length > 10, `${files.length} files`);
for (const file of files) await import(pathToFileURL(join(folder, file)).href);
