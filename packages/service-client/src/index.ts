/**
 * Requests from one service of ours to another, with the service key. What an answer means, and which error it is, is said
 * by the contract of the service that is asked: `calendar-api`, `integrations-api`.
 */

import type { z } from "zod";

/** Where a service is reached from here. */
export type ServiceAddress = {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly serviceKey: string;
  /** How long one request may take. Default: 10 seconds. */
  readonly timeoutMs?: number | undefined;
};

export type ServiceRequest = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the address's. */
  readonly timeoutMs?: number | undefined;
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
};

/** @throws TypeError for `.` and `..`, which no encoding keeps from naming another path. No id is one. */
export function toSegment(id: string): string {
  if (id === "." || id === "..") throw new TypeError("An id can't be a dot segment.");
  return encodeURIComponent(id);
}

export function toSearch(query: Readonly<Record<string, unknown>>): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, `${value}`]));
}

/** @throws what `fetch` throws where nothing answers in time */
export async function sendToService(
  { baseUrl, serviceKey, timeoutMs: usualMs = 10_000 }: ServiceAddress,
  { method, path, body, headers, timeoutMs = usualMs, signal }: ServiceRequest,
): Promise<Response> {
  return fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      ...headers,
      authorization: `Bearer ${serviceKey}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "error",
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]),
  });
}

/** Reads an answer by its contract. @throws SyntaxError, ZodError, and what `fetch` throws where it breaks off */
export async function readAnswer<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  return schema.parse(await response.json());
}

/** Of errors of requests that never left this machine, or met nobody. */
const notSentCodes: ReadonlySet<unknown> = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"],
]);

/** Whether what `sendToService` has thrown means that the service got nothing, and so has done nothing. */
export function isNotSent(error: unknown): boolean {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return false;
  return "code" in error.cause && notSentCodes.has(error.cause.code);
}

const maxWaitSeconds = 3_600;
const defaultWaitSeconds = 60;

/** How many seconds a 429 asks to wait. It may be a proxy's: a date, or more than an hour, is ignored. */
export function retryAfterOf({ headers }: Pick<Response, "headers">): number {
  const given = Number(headers.get("retry-after") ?? Number.NaN);
  return given >= 0 && given <= maxWaitSeconds ? Math.ceil(given) : defaultWaitSeconds;
}
