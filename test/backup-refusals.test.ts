import { readdirSync } from "node:fs";
import t from "tap";
import { runScript } from "./support/command.ts";

t.test("without a folder, or with nothing to back up, it says so", async (t) => {
  const cwd = t.testdir();
  const nothing = runScript(t, "scripts/backup.ts", { cwd, env: {}, args: ["out"] });
  const wrong = runScript(t, "scripts/backup.ts", { cwd, env: {} });
  t.strictSame(await Promise.all([nothing.ended, wrong.ended]), [1, 2]);
  t.match(nothing.output(), /There is no database at \S+calendar\.db, so it was not backed up\./);
  t.strictSame(readdirSync(cwd), []);
});
