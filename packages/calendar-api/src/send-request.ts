import type { z } from "zod";
import {
  busyError,
  CalendarApiError,
  missingPathError,
  refusedKeyError,
  unavailableError,
} from "./client-error.ts";
import { errorResponse } from "./error-response.ts";

export type ClientOptions = {
  /** Where the management paths are, without a trailing slash. */
  readonly baseUrl: string;
  readonly serviceKey: string;
  /** How long one request may take. Default: 10 seconds. */
  readonly timeoutMs?: number | undefined;
  /** The id that requests carry as `x-request-id`. */
  readonly requestId?: string;
};

export type ApiRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Default: the client's. */
  readonly timeoutMs?: number;
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Sends a request and parses the response by the contract.
 * @throws CalendarApiError
 */
export async function sendRequest<Schema extends z.ZodType>(
  options: ClientOptions,
  { answer, ...request }: ApiRequest & { readonly answer: Schema },
): Promise<z.output<Schema>> {
  const response = await send(options, request);
  // Checked before the body is parsed, since a proxy in front may answer these with a page of its own.
  if (response.status === 401 || response.status === 429) {
    await response.body?.cancel();
    throw response.status === 401 ? refusedKeyError() : busyError(response.headers.get("retry-after"));
  }
  const body = await response.json().catch((cause: unknown) => {
    throw unavailableError(cause);
  });
  if (!response.ok) throw toError(body);
  const result = answer.safeParse(body);
  if (!result.success) throw unavailableError(result.error);
  return result.data;
}

/**
 * Sends a request and ignores the response's body.
 * @throws CalendarApiError where the status isn't 2xx.
 */
export async function expectOk(options: ClientOptions, request: ApiRequest): Promise<void> {
  const response = await send(options, request);
  await response.body?.cancel();
  if (!response.ok) throw unavailableError();
}

async function send(
  { baseUrl, serviceKey, requestId, timeoutMs = 10_000 }: ClientOptions,
  { method, path, body, timeoutMs: requestTimeoutMs = timeoutMs, signal }: ApiRequest,
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${serviceKey}`,
    ...(requestId !== undefined && { "x-request-id": requestId }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  try {
    return await fetch(`${baseUrl}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.any([
        AbortSignal.timeout(requestTimeoutMs),
        ...(signal === undefined ? [] : [signal]),
      ]),
    });
  } catch (cause) {
    throw unavailableError(cause);
  }
}

function toError(body: unknown): CalendarApiError {
  const error = errorResponse.safeParse(body);
  if (!error.success) return unavailableError(error.error);
  const { code, statusCode, message, problems, alternatives } = error.data;
  // `not_found` means the path: an unknown customer is `unknown_customer`.
  if (code === "not_found") return missingPathError();
  return new CalendarApiError(code, statusCode, message, { problems, alternatives });
}
