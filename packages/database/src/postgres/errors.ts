import { DatabaseError } from "../database.ts";
import type { PostgresSettings } from "./url.ts";

/**
 * What is known of a failure. `isLost`: the connection it came from can't be used any more, or has ended up at a server
 * that is no use, so that the next query needs a new one.
 */
type Explanation = {
  readonly code: `POSTGRES_${string}`;
  /** After "The PostgreSQL database … ". */
  readonly text: (settings: PostgresSettings) => string;
  readonly isLost?: true;
};

const unreachable: Explanation = {
  code: "POSTGRES_UNREACHABLE",
  text: () => "can't be reached. Check that it runs, and host and port in the database URL.",
  isLost: true,
};

const lost: Explanation = {
  code: "POSTGRES_CONNECTION_LOST",
  text: () => "has closed the connection. The next query opens a new one: try again.",
  isLost: true,
};

const starting: Explanation = {
  code: "POSTGRES_RESTARTING",
  text: () => "is being stopped or started. Try again in a moment.",
  isLost: true,
};

const refused: Explanation = {
  code: "POSTGRES_LOGIN",
  text: ({ server }) =>
    `refuses ${server.user === undefined ? "the user" : `the user ${server.user}`}. Check user and password in the database URL, and whether pg_hba.conf lets that user in from this machine.`,
};

const forbidden: Explanation = {
  code: "POSTGRES_PERMISSION",
  text: ({ server, schema }) => {
    const user = server.user ?? "<user>";
    return `doesn't let the service's user do what the service needs. As the database's owner: create schema if not exists ${schema} authorization "${user}"; where its tables are another user's: grant all on all tables in schema ${schema} to "${user}"; grant all on all sequences in schema ${schema} to "${user}".`;
  },
};

const untrusted: Explanation = {
  code: "POSTGRES_TLS",
  text: () =>
    "can't be reached over TLS: it doesn't offer TLS, or its certificate isn't trusted. Check sslmode and sslrootcert in the database URL.",
};

const full: Explanation = {
  code: "POSTGRES_FULL",
  text: () =>
    "can't take more: its disk or memory is full. What is stored is safe. Free some space on the server.",
};

const damaged: Explanation = {
  code: "POSTGRES_DAMAGED",
  text: () => "is damaged. Stop the services, keep a copy of it, and restore the last backup.",
};

const explanations: Readonly<Record<string, Explanation>> = {
  // SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
  "28000": refused,
  "28P01": refused,
  "3D000": {
    code: "POSTGRES_NO_DATABASE",
    text: () =>
      "doesn't exist. Create it (create database …), or correct the name at the end of the database URL.",
  },
  "42501": forbidden,
  // The schema is there, and without a right to use it PostgreSQL passes over it.
  "3F000": forbidden,
  "25006": {
    code: "POSTGRES_READ_ONLY",
    text: () => "is read-only: a replica, or set so. Name the primary server in the database URL.",
    isLost: true,
  },
  "53100": full,
  "53200": full,
  "53300": {
    code: "POSTGRES_TOO_MANY_CONNECTIONS",
    text: () =>
      "has no connection left. Lower pool_size in the database URLs of the services, or raise max_connections of the server.",
  },
  "55P03": {
    code: "POSTGRES_LOCKED",
    text: ({ lockTimeoutMs }) =>
      `has had what is asked for locked for more than ${lockTimeoutMs / 1_000} s. Try again; if it lasts, look for a session that is idle in transaction (pg_stat_activity).`,
  },
  "57014": {
    code: "POSTGRES_STATEMENT_TIMEOUT",
    text: ({ statementTimeoutMs }) =>
      `has not answered a query within ${statementTimeoutMs / 1_000} s. Try again; if it lasts, look at its load, or raise statement_timeout in the database URL.`,
  },
  "40P01": {
    code: "POSTGRES_DEADLOCK",
    text: () => "has ended a transaction that waited for another one, which waited for it. Try again.",
  },
  "57P01": starting,
  "57P02": starting,
  "57P03": starting,
  "25P03": lost,
  "57P05": lost,
  "08000": lost,
  "08003": lost,
  "08006": lost,
  XX001: damaged,
  XX002: damaged,
  // Of Node and OpenSSL.
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOENT: unreachable,
  EACCES: unreachable,
  ETIMEDOUT: unreachable,
  ECONNRESET: lost,
  EPIPE: lost,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
};

/** The library has no codes for its own errors. */
const byMessage: readonly (readonly [RegExp, Explanation])[] = [
  [/^Connection terminated due to connection timeout|^timeout exceeded when trying to connect/, unreachable],
  [/^Connection terminated|not queryable|^Query was closed|^write after end/, lost],
  [/^received invalid response/, unreachable],
  [/does not support SSL connections/, untrusted],
  [/^SASL|password must be a string/, refused],
];

/** @returns a DatabaseError that says what to do, or the error itself where no operator can mend it. */
export function explainPostgresError(error: unknown, settings: PostgresSettings): unknown {
  const explanation = findExplanation(error);
  return explanation === undefined ? error : toDatabaseError(explanation, settings, error);
}

function findExplanation(error: unknown): Explanation | undefined {
  if (!(error instanceof Error) || error instanceof DatabaseError) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return explanations[code];
  return byMessage.find(([pattern]) => pattern.test(error.message))?.[1];
}

function toDatabaseError(
  { code, text }: Explanation,
  settings: PostgresSettings,
  cause: unknown,
): DatabaseError {
  return new DatabaseError(code, `The ${settings.place} ${text(settings)}`, { cause });
}

const lostCodes = new Set(Object.values(explanations).flatMap(({ code, isLost }) => (isLost ? code : [])));

/** Whether a connection is of no more use after this error. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof DatabaseError && (lostCodes as ReadonlySet<string>).has(error.code);
}

/** A connection was lost, or never answered, while it committed. */
export function commitUnknown(settings: PostgresSettings, cause: unknown): DatabaseError {
  return new DatabaseError(
    "POSTGRES_COMMIT_UNKNOWN",
    `The ${settings.place} has closed the connection during a commit: whether it was made isn't known. Look before trying again.`,
    { cause },
  );
}

/** A server that is hung, or a network that drops packets: PostgreSQL's own limit would have answered before. */
export function noAnswer(settings: PostgresSettings, limitMs: number): DatabaseError {
  return new DatabaseError(
    "POSTGRES_CONNECTION_LOST",
    `The ${settings.place} has not answered for ${limitMs / 1_000} s. The next query opens a new connection: try again.`,
  );
}

export function poolExhausted(settings: PostgresSettings, cause: unknown): DatabaseError {
  return new DatabaseError(
    "POSTGRES_POOL_EXHAUSTED",
    `All ${settings.poolSize} connections to the ${settings.place} have been in use for ${settings.connectTimeoutMs / 1_000} s. Try again; if it lasts, raise pool_size in the database URL.`,
    { cause },
  );
}
