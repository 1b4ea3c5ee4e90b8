import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { sqlite } from "../src/sqlite/node-sqlite.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const hook = join(folder, "fixtures/on-node-sqlite.ts");

for (const name of ["concurrency", "failures", "migrate"]) {
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

t.test("it binds, reads and counts as the other one does", async (t) => {
  const file = sqlite.open(":memory:", { mustExist: false });
  t.teardown(() => file.close());
  file.exec("create table things (id integer primary key, name text)");
  const insert = file.prepare("insert into things (name) values (?)");
  t.equal(insert.reader, false);
  t.match(insert.run(["a"]), { changes: 1, lastInsertRowid: 1 });
  t.match(insert.run([null]), { changes: 1, lastInsertRowid: 2 });
  const returning = file.prepare("insert into things (name) values (?) returning id");
  t.equal(returning.reader, true);
  t.match(returning.all(["c"]), [{ id: 3 }]);
  t.match(file.prepare("select id, name from things where id < ?").all([3]), [
    { id: 1, name: "a" },
    { id: 2, name: null },
  ]);
  t.equal(sqlite.codeOf(new Error("no error of SQLite")), undefined);
});
