import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BackupError, type OpenOptions } from "../database.ts";
import { parsePostgresUrl } from "./url.ts";

/**
 * Dumps the service's schema into a file that is there and empty, with PostgreSQL's own `pg_dump`, in its custom format, and reads the dump's list of contents
 * with `pg_restore`. Owners and rights aren't part of it: whoever restores it is the owner.
 * @throws BackupError
 * @see https://www.postgresql.org/docs/current/app-pgdump.html
 */
export async function backUpPostgres(
  url: string,
  file: string,
  options: Pick<OpenOptions, "service">,
): Promise<void> {
  const { schema } = parsePostgresUrl(url, options);
  const { address, env } = splitPassword(url);
  // What isn't logged lasts for a moment only.
  const parts = ["--no-owner", "--no-privileges", "--no-unlogged-table-data", `--schema=${schema}`];
  await run("pg_dump", ["--format=custom", ...parts, `--file=${file}`, `--dbname=${address}`], env);
  const contents = await run("pg_restore", ["--list", file], env);
  if (contents.includes(` SCHEMA - ${schema} `)) return;
  throw new BackupError("backup_damaged", `The dump doesn't hold the schema ${schema}.`);
}

/** libpq's URL, without our own parameters, and without the password, which any user of the machine could read in a list. */
function splitPassword(url: string): { address: string; env: NodeJS.ProcessEnv } {
  const address = new URL(url);
  const password = decodeURIComponent(address.password);
  address.password = "";
  for (const name of ["schema", "pool_size", "statement_timeout"]) address.searchParams.delete(name);
  const env = { ...process.env, LC_ALL: "C", ...(password === "" ? {} : { PGPASSWORD: password }) };
  return { address: address.href, env };
}

/** @returns what the program has printed. */
async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    throw new BackupError("backup_failed", explain(program, error as NodeJS.ErrnoException), {
      cause: error,
    });
  }
}

function explain(program: string, error: NodeJS.ErrnoException & { stderr?: string }): string {
  if (error.code === "ENOENT") {
    return `${program} isn't installed. Install PostgreSQL's client programs (postgresql-client), of the server's version or newer.`;
  }
  const [line = "it says nothing"] = (error.stderr ?? "").trim().split("\n");
  if (/server version mismatch/.test(error.stderr ?? "")) {
    return `${program} is older than the server. Install PostgreSQL's client programs of the server's version or newer.`;
  }
  return `${program} has failed: ${line.replace(/^pg_\w+: (?:error: )?/, "")}`;
}
