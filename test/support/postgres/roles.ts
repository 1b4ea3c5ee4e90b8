import pg from "pg";
import type { Test } from "tap";
import type { PostgresServer } from "./server.ts";

/** Users of a server of a test's own, as services have them. */
export type Roles = {
  /** Runs statements as the superuser. */
  asAdmin(...statements: string[]): Promise<void>;
  /** A user with this password and, unless it is to have none, a schema; both by its name. And a URL of both. */
  create(options?: { schema?: boolean }): Promise<{ name: string; url: URL }>;
};

export const password = "s3cret-of-the-database";

/** @param limits parameters of the URLs. */
export function createRoles(t: Pick<Test, "teardown">, server: PostgresServer, limits: string): Roles {
  const admin = new pg.Pool({ connectionString: server.url, max: 1 });
  t.teardown(() => admin.end());
  let roles = 0;

  async function asAdmin(...statements: string[]): Promise<void> {
    for (const statement of statements) await admin.query(statement);
  }

  return {
    asAdmin,
    async create({ schema = true } = {}) {
      const name = `cita_${++roles}`;
      await asAdmin(`create role ${name} login password '${password}'`);
      if (schema) await asAdmin(`create schema ${name} authorization ${name}`);
      const url = new URL(`postgres://${name}@127.0.0.1:${server.port}/postgres?${limits}&schema=${name}`);
      url.password = password;
      return { name, url };
    },
  };
}
