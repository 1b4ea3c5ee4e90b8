import { readFileSync } from "node:fs";
import { DatabaseUrlError, type OpenOptions } from "../database.ts";

/** What a URL and the options say about a database in PostgreSQL. */
export type PostgresSettings = {
  /** Undefined members are left to PostgreSQL's own variables (`PGHOST`, `PGPASSWORD` …) and defaults. */
  readonly server: {
    readonly host: string | undefined;
    readonly port: number | undefined;
    readonly user: string | undefined;
    readonly password: string | undefined;
    readonly database: string | undefined;
    readonly ssl: false | { readonly rejectUnauthorized: boolean; readonly ca?: string };
  };
  readonly applicationName: string;
  readonly schema: string;
  readonly service: string | undefined;
  readonly mustExist: boolean;
  readonly acceptUnfinishedCopy: boolean;
  readonly poolSize: number;
  /** For a new connection, and for one of the pool to become free. */
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Names the database in messages: without user and password. */
  readonly place: string;
};

/**
 * Reads `postgres://user:password@host:5432/database?…`. Parameters, with libpq's names where it has them:
 *
 * - `schema`: the service's own. Default: the service's name (`mcp_calendar`).
 * - `pool_size`: connections at most, beside the one that waits for commits. Default: 10.
 * - `statement_timeout`: in milliseconds. Default: 10,000.
 * - `connect_timeout`: in seconds. Default: 5.
 * - `sslmode`: `disable` (default), `require` (encrypts, trusting any certificate) or `verify-full`.
 * - `sslrootcert`: a file with the certificates of the authorities that are trusted.
 * - `host`: a folder with a Unix socket.
 * - `application_name`: default `cita-<service>`.
 *
 * @throws DatabaseUrlError
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
export function parsePostgresUrl(url: string, options: OpenOptions): PostgresSettings {
  const { origin, path, parameters } = splitUrl(url);
  refuseUnknown(parameters);
  const { service, mustExist = false, acceptUnfinishedCopy = false, lockTimeoutMs = 5_000 } = options;
  const schema = parameters.get("schema") ?? service?.replaceAll("-", "_");
  if (schema === undefined || !/^[a-z_][a-z0-9_]{0,49}$/.test(schema) || schema.startsWith("pg_")) {
    throw new DatabaseUrlError(
      "The database URL must name a schema of small letters, digits and _, such as ?schema=mcp_calendar.",
    );
  }
  const server = { ...origin, database: path, ssl: readSsl(parameters) };
  const host = parameters.get("host") ?? server.host;
  const where = `${host ?? process.env.PGHOST ?? "localhost"}:${server.port ?? process.env.PGPORT ?? 5432}`;
  return {
    server: { ...server, host },
    applicationName: parameters.get("application_name") ?? `cita-${service ?? schema}`,
    schema,
    service,
    mustExist,
    acceptUnfinishedCopy,
    poolSize: readNumber(parameters, "pool_size", { from: 1, to: 500, unset: 10 }),
    connectTimeoutMs: 1_000 * readNumber(parameters, "connect_timeout", { from: 1, to: 60, unset: 5 }),
    statementTimeoutMs: readNumber(parameters, "statement_timeout", {
      from: 100,
      to: 600_000,
      unset: 10_000,
    }),
    lockTimeoutMs,
    place: `PostgreSQL database ${server.database ?? ""} at ${where}`.replace("  ", " "),
  };
}

const known = new Set(
  "schema pool_size statement_timeout connect_timeout sslmode sslrootcert host application_name".split(" "),
);

function refuseUnknown(parameters: URLSearchParams): void {
  for (const name of parameters.keys()) {
    // A parameter's name may be a piece of a password with a question mark in it.
    if (!known.has(name) || parameters.getAll(name).length > 1)
      throw new DatabaseUrlError(
        `After its question mark the database URL may have, once each: ${[...known].join(", ")}. Write a question mark within a password as %3F.`,
      );
  }
}

function splitUrl(url: string) {
  try {
    // WHATWG's parser knows how to read user, password and host of `http:` only where each is complete.
    const { username, password, hostname, port, pathname, searchParams } = new URL(url);
    const text = (part: string) => (part === "" ? undefined : decodeURIComponent(part));
    return {
      origin: {
        host: text(hostname.replace(/^\[(.+)\]$/, "$1")),
        port: port === "" ? undefined : Number(port),
        user: text(username),
        password: text(password),
      },
      path: text(pathname.slice(1)),
      parameters: searchParams,
    };
  } catch {
    // The parser's error quotes the URL.
    throw new DatabaseUrlError(
      "The database URL can't be read: it must be postgres://user:password@host:5432/database, with %40, %2F, %3A, %3F and %23 for @ / : ? and # within the password.",
    );
  }
}

function readNumber(
  parameters: URLSearchParams,
  name: string,
  { from, to, unset }: { from: number; to: number; unset: number },
): number {
  const text = parameters.get(name);
  if (text === null) return unset;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= from && number <= to) return number;
  throw new DatabaseUrlError(`${name} in the database URL must be a whole number from ${from} to ${to}.`);
}

function readSsl(parameters: URLSearchParams): PostgresSettings["server"]["ssl"] {
  const mode = parameters.get("sslmode") ?? "disable";
  const file = parameters.get("sslrootcert");
  if (!["disable", "require", "verify-full"].includes(mode))
    throw new DatabaseUrlError("sslmode in the database URL must be disable, require or verify-full.");
  if (file !== null && mode !== "verify-full")
    throw new DatabaseUrlError("sslrootcert in the database URL is used with sslmode=verify-full only.");
  if (mode === "disable") return false;
  return {
    rejectUnauthorized: mode === "verify-full",
    ...(file === null ? {} : { ca: readCertificates(file) }),
  };
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new DatabaseUrlError("The file that sslrootcert in the database URL names can't be read.");
  }
}
