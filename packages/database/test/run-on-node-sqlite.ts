import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";

const folder = fileURLToPath(new URL(".", import.meta.url));
const hook = join(folder, "fixtures/on-node-sqlite.ts");

/** Runs one of the tests beside this file again. @param name without `.test.ts` */
export function runOnNodeSqlite(name: string): void {
  t.test(`${name}: what holds on better-sqlite3 holds on Node's own SQLite`, async (t) => {
    const ran = promisify(execFile)(process.execPath, ["--import", hook, join(folder, `${name}.test.ts`)], {
      cwd: t.testdir(),
    });
    const { stdout, stderr } = await ran.catch((error) => error);
    t.match(stdout, /^1\.\.[1-9]/m);
    t.notMatch(stdout, /^not ok/m);
    t.equal(stderr, "", "Node's warning of an experiment is kept back");
  });
}
