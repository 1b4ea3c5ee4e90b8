import type { z } from "zod";
import { toCalendarApiError, unavailableError } from "./client-error.ts";
import { customerAddedAtHeader } from "./customer.ts";

/** Where the client's requests go, and what all of them carry. */
export type ClientOptions = {
  /** Where the management paths are, without a trailing slash. */
  readonly baseUrl: string;
  readonly serviceKey: string;
  /** How long one request may take. Default: 10 seconds. */
  readonly timeoutMs?: number | undefined;
  /** The id that requests carry as `x-request-id`. */
  readonly requestId?: string;
  /** Since when the customer of the requests has been there. */
  readonly customerAddedAt?: string | undefined;
  /** Who has asked for what is being done, as `x-actor`; undefined: nobody. */
  readonly actor?: (() => string | undefined) | undefined;
};

export type ApiRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
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
  request: ApiRequest & { readonly answer: Schema },
): Promise<z.output<Schema>> {
  return (await sendForAnswer(options, request)).body;
}

/** The same with the response's headers. @throws CalendarApiError */
export async function sendForAnswer<Schema extends z.ZodType>(
  options: ClientOptions,
  { answer, ...request }: ApiRequest & { readonly answer: Schema },
): Promise<{ body: z.output<Schema>; headers: Headers }> {
  const response = await send(options, request);
  if (!response.ok) throw await toCalendarApiError(response);
  const body = await response.json().catch((cause: unknown) => {
    throw unavailableError(cause);
  });
  const result = answer.safeParse(body);
  if (!result.success) throw unavailableError(result.error);
  return { body: result.data, headers: response.headers };
}

/** Sends a request. @throws CalendarApiError where nothing answers */
export async function send(
  { baseUrl, serviceKey, requestId, customerAddedAt, actor, timeoutMs = 10_000 }: ClientOptions,
  { method, path, body, headers: more, timeoutMs: requestTimeoutMs = timeoutMs, signal }: ApiRequest,
): Promise<Response> {
  const doneFor = actor?.();
  const headers = {
    ...more,
    authorization: `Bearer ${serviceKey}`,
    ...(doneFor !== undefined && { "x-actor": doneFor }),
    ...(requestId !== undefined && { "x-request-id": requestId }),
    ...(customerAddedAt !== undefined && { [customerAddedAtHeader]: customerAddedAt }),
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
