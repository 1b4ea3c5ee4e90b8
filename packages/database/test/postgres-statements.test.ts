import { sql } from "kysely";
import t from "tap";
import { createTestDatabase } from "../../../test/support/test-database.ts";

/** More often than the server plans a statement for its values. */
const uses = 8;

t.test("what is asked again and again is prepared once a connection, all columns never", async (t) => {
  const db = (await createTestDatabase(t, "postgres")).open();
  await sql`create table things (id bigint, name text)`.execute(db);
  await sql`insert into things values (1, 'a'), (2, 'b')`.execute(db);
  const ofColumns = (id: number) =>
    sql<{ name: string }>`select name from things where id = ${id}`.execute(db);
  const ofAll = (id: number) => sql<{ name: string }>`select * from things where id = ${id}`.execute(db);
  const count = () => sql`select count(*)::int4 as n from things`.execute(db);
  for (let i = 0; i < uses; i++) {
    await count();
    t.strictSame((await ofColumns((i % 2) + 1)).rows, [{ name: i % 2 === 0 ? "a" : "b" }]);
    await ofAll(1);
  }
  const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db);
  const texts = rows.map(({ statement }) => statement);
  t.ok(texts.includes("select name from things where id = $1"));
  t.ok(texts.includes("select count(*)::int4 as n from things"));
  t.notOk(texts.some((text) => text.startsWith("select *")));
});

t.test("a later version's column disturbs nothing that is running", async (t) => {
  const db = (await createTestDatabase(t, "postgres")).open();
  await sql`create table things (id bigint, name text)`.execute(db);
  const statements = [
    () => sql`select * from things where id = ${1}`.execute(db),
    () => sql`select name from things where id = ${1}`.execute(db),
    () => sql`insert into things (id, name) values (${1}, ${"a"}) returning *`.execute(db),
    () => sql`update things set name = ${"b"} where id = ${1} returning name`.execute(db),
  ];
  for (let i = 0; i < uses; i++) for (const statement of statements) await statement();
  await sql`alter table things add column more text not null default ''`.execute(db);
  for (const statement of statements) await t.resolves(statement());
});

t.test("texts that are made for one occasion are not kept", async (t) => {
  const db = (await createTestDatabase(t, "postgres")).open();
  const prepared = async () =>
    (await sql<{ n: number }>`select count(*)::int4 as n from pg_prepared_statements`.execute(db)).rows[0]?.n;
  for (let i = 0; i < 50; i++) await sql`select ${sql.lit(i)} as made`.execute(db);
  t.equal(await prepared(), 0);
});
