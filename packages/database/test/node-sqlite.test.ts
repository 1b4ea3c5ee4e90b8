import t from "tap";
import { sqlite } from "../src/sqlite/node-sqlite.ts";
import { runOnNodeSqlite } from "./run-on-node-sqlite.ts";

// What processes do to each other: test/proofs/node-sqlite.test.ts.
runOnNodeSqlite("failures");

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
