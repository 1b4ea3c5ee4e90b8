import { retryAfterOf } from "@cita/service-client";
import { type Alternative, errorResponse } from "./error-response.ts";

/**
 * A request to the calendar service failed. `code` is the service's own, or one of these:
 * - `calendar_service_unavailable`: it can't be reached, or its response isn't one of the contract.
 * - `calendar_service_misconfigured`: its paths don't exist at the URL, or it refuses our key.
 * - `calendar_service_busy`: it answered 429; see `retryAfterSeconds`.
 */
export class CalendarApiError extends Error {
  override readonly name = "CalendarApiError";
  readonly code: string;
  readonly statusCode: number;
  readonly problems: readonly string[] | undefined;
  readonly alternatives: readonly Alternative[] | undefined;
  /** How long to wait, where the code says so. */
  readonly retryAfterSeconds: number | undefined;
  constructor(code: string, statusCode: number, message: string, options: CalendarApiErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.statusCode = statusCode;
    this.problems = options.problems;
    this.alternatives = options.alternatives;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

type CalendarApiErrorOptions = ErrorOptions & {
  problems?: readonly string[] | undefined;
  alternatives?: readonly Alternative[] | undefined;
  retryAfterSeconds?: number;
};

const toErrorByStatus: Readonly<Record<number, (response: Response) => CalendarApiError>> = {
  401: refusedKeyError,
  // About our request to the service, not about the one that is being answered.
  408: () => unavailableError(),
  429: busyError,
};

/** What a response means whose status isn't 2xx. It reads the body, or cancels it. */
export async function toCalendarApiError(response: Response): Promise<CalendarApiError> {
  // Before the body is parsed, since a proxy in front may answer these with a page of its own.
  const byStatus = toErrorByStatus[response.status];
  if (byStatus !== undefined) {
    await response.body?.cancel();
    return byStatus(response);
  }
  const body = await response.json().catch((cause: unknown) => unavailableError(cause));
  if (body instanceof CalendarApiError) return body;
  const error = errorResponse.safeParse(body);
  if (!error.success) return unavailableError(error.error);
  const { code, statusCode, message, problems, alternatives } = error.data;
  // `not_found` means the path: an unknown customer is `unknown_customer`.
  if (code === "not_found") return missingPathError();
  return new CalendarApiError(code, statusCode, message, { problems, alternatives });
}

export function unavailableError(cause?: unknown): CalendarApiError {
  return new CalendarApiError(
    "calendar_service_unavailable",
    502,
    "The calendar service did not answer. Try again in a moment.",
    { cause },
  );
}

function refusedKeyError(): CalendarApiError {
  return misconfiguredError(
    "The calendar service doesn't take our service key: CALENDAR_SERVICE_KEY differs between the two services.",
  );
}

function missingPathError(): CalendarApiError {
  return misconfiguredError(
    "The calendar service's management paths aren't at CALENDAR_URL: where MANAGEMENT_HOST and MANAGEMENT_PORT are set, it has to name those.",
  );
}

function misconfiguredError(message: string): CalendarApiError {
  return new CalendarApiError("calendar_service_misconfigured", 502, message);
}

/** The service never limits requests with the right key, so either the keys differ or a proxy limits requests. */
function busyError(response: Response): CalendarApiError {
  return new CalendarApiError(
    "calendar_service_busy",
    503,
    "The calendar service takes no more requests from here for now. Wait as long as Retry-After says. If it stays so, see whether CALENDAR_SERVICE_KEY differs between the two services.",
    { retryAfterSeconds: retryAfterOf(response) },
  );
}
