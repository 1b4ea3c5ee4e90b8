import type { z } from "zod";
import {
  type AuthorizeRequest,
  type AuthorizeResponse,
  authorizeResponse,
  type ConnectionSummary,
  type ConnectionView,
  connectionView,
  type DisconnectResponse,
  disconnectResponse,
  errorResponse,
  summariesResponse,
} from "./contract.ts";

/** Typed calls of mcp-calendar's management API. Every method throws CalendarApiError. */
export type CalendarApiClient = {
  authorize(request: AuthorizeRequest): Promise<AuthorizeResponse>;
  connection(customerId: string): Promise<ConnectionView>;
  connections(customerIds: readonly string[]): Promise<ConnectionSummary[]>;
  disconnect(customerId: string): Promise<DisconnectResponse>;
  /** Resolves when mcp-calendar is ready to serve. */
  ready(): Promise<void>;
};

/**
 * The calendar service refused or didn't answer. `code` is its own code, or
 * `calendar_service_unavailable` when it couldn't be reached or answered nonsense.
 */
export class CalendarApiError extends Error {
  override readonly name = "CalendarApiError";
  readonly code: string;
  readonly statusCode: number;
  constructor(code: string, statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.statusCode = statusCode;
  }
}

type ClientOptions = { baseUrl: string; serviceKey: string; timeoutMs?: number };
type Call<Schema extends z.ZodType> = { method: string; path: string; body?: unknown; answer: Schema };

export function createCalendarApiClient(options: ClientOptions): CalendarApiClient {
  const connectionPath = (customerId: string) => `/customers/${encodeURIComponent(customerId)}/connection`;

  async function call<Schema extends z.ZodType>(request: Call<Schema>): Promise<z.output<Schema>> {
    const response = await send(options, request);
    const body = await response.json().catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (!response.ok) throw refusal(body);
    const answer = request.answer.safeParse(body);
    if (!answer.success) throw unavailable(answer.error);
    return answer.data;
  }

  return {
    authorize: (body) => call({ method: "POST", path: "/oauth/authorize", body, answer: authorizeResponse }),
    connection: (id) => call({ method: "GET", path: connectionPath(id), answer: connectionView }),
    connections: async (ids) => {
      const body = { customer_ids: ids };
      return (await call({ method: "POST", path: "/connections/query", body, answer: summariesResponse }))
        .connections;
    },
    disconnect: (id) => call({ method: "DELETE", path: connectionPath(id), answer: disconnectResponse }),
    ready: async () => {
      const response = await send(options, { method: "GET", path: "/ready" });
      await response.body?.cancel();
      if (!response.ok) throw unavailable();
    },
  };
}

async function send(
  { baseUrl, serviceKey, timeoutMs = 10_000 }: ClientOptions,
  { method, path, body }: Omit<Call<z.ZodType>, "answer">,
): Promise<Response> {
  const headers = { authorization: `Bearer ${serviceKey}`, "content-type": "application/json" };
  const content =
    body === undefined
      ? { headers: { authorization: headers.authorization } }
      : { headers, body: JSON.stringify(body) };
  try {
    return await fetch(`${baseUrl}${path}`, {
      method,
      ...content,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw unavailable(cause);
  }
}

function refusal(body: unknown): CalendarApiError {
  const error = errorResponse.safeParse(body);
  if (!error.success) return unavailable(error.error);
  return new CalendarApiError(error.data.code, error.data.statusCode, error.data.message);
}

function unavailable(cause?: unknown): CalendarApiError {
  return new CalendarApiError(
    "calendar_service_unavailable",
    502,
    "The calendar service did not answer. Try again in a moment.",
    { cause },
  );
}
