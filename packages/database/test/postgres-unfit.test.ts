import t from "tap";
import { startOldServer } from "./fixtures/old-server.ts";
import { asAdmin, createRole, errorOf, place } from "./fixtures/postgres-roles.ts";

t.test("a server that is read-only, or may lose commits, is refused", async (t) => {
  const [name, url] = await createRole(t);
  await asAdmin(`alter role ${name} set default_transaction_read_only = on`);
  t.match(await errorOf(t, url.href), {
    code: "POSTGRES_READ_ONLY",
    message: `${place(url)} is read-only: a replica, or set so. Name the primary server in the database URL.`,
  });
  await asAdmin(`alter role ${name} reset default_transaction_read_only`);
  await asAdmin(`alter role ${name} set synchronous_commit = off`);
  t.match(await errorOf(t, url.href), {
    code: "POSTGRES_NOT_DURABLE",
    message: `${place(url)} may lose commits when it fails: synchronous_commit is off for this user or database. Set it to on.`,
  });
});

t.test("a database that can't store every name is refused", async (t) => {
  const [name, url] = await createRole(t);
  url.pathname = `/latin_${name}`;
  await asAdmin(
    `create database latin_${name} encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
  );
  t.teardown(() => asAdmin(`drop database latin_${name} with (force)`));
  t.match(await errorOf(t, url.href), {
    code: "POSTGRES_NOT_UTF8",
    message: /can't store every name: its encoding is LATIN1\. Make another one with: create database/,
  });
});

t.test("a server that is too old is refused", async (t) => {
  const port = await startOldServer(t, 140_011);
  t.match(await errorOf(t, `postgres://cita@127.0.0.1:${port}/cita?schema=a`), {
    code: "POSTGRES_TOO_OLD",
    message:
      "The PostgreSQL database cita at 127.0.0.1:" +
      `${port} is of version 14, and 15 is the oldest that works. Upgrade the server.`,
  });
});
