import type { Alternative } from "./error-response.ts";

/**
 * The calendar service refused or didn't answer. `code` is its own code, or one about the way there:
 * `calendar_service_unavailable` when it couldn't be reached or its answer isn't one of the contract,
 * `calendar_service_misconfigured` when its paths aren't there or it doesn't take our key, and
 * `calendar_service_busy` when we are to wait.
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

export function unavailable(cause?: unknown): CalendarApiError {
  return new CalendarApiError(
    "calendar_service_unavailable",
    502,
    "The calendar service did not answer. Try again in a moment.",
    { cause },
  );
}

export function keyRefused(): CalendarApiError {
  return misconfigured(
    "The calendar service doesn't take our service key: CALENDAR_SERVICE_KEY differs between the two services.",
  );
}

export function pathNotFound(): CalendarApiError {
  return misconfigured(
    "The calendar service's management paths aren't at CALENDAR_URL: where MANAGEMENT_HOST and MANAGEMENT_PORT are set, it has to name those.",
  );
}

function misconfigured(message: string): CalendarApiError {
  return new CalendarApiError("calendar_service_misconfigured", 502, message);
}

const maxWaitSeconds = 3_600;
const usualWaitSeconds = 60;

/**
 * The right key is never held back, so that either keys differ or something between us counts requests.
 * @param retryAfter the header, whoever wrote it. A date, or more than an hour, isn't believed.
 */
export function busy(retryAfter: string | null): CalendarApiError {
  const given = Number(retryAfter ?? Number.NaN);
  const retryAfterSeconds = given >= 0 && given <= maxWaitSeconds ? Math.ceil(given) : usualWaitSeconds;
  return new CalendarApiError(
    "calendar_service_busy",
    503,
    "The calendar service takes no more requests from here for now. Wait as long as Retry-After says. If it stays so, see whether CALENDAR_SERVICE_KEY differs between the two services.",
    { retryAfterSeconds },
  );
}
