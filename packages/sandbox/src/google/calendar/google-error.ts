/** One entry of a Google error's `errors` list. */
export type GoogleErrorDetail = {
  domain: string;
  reason: string;
  message: string;
  locationType?: "parameter" | "header";
  location?: string;
};

/** The error JSON of Google's REST APIs. https://developers.google.com/workspace/calendar/api/guides/errors */
export type GoogleErrorBody = {
  error: {
    code: number;
    message: string;
    errors: GoogleErrorDetail[];
    status?: string;
    details?: unknown[];
  };
};

type Extras = Partial<Pick<GoogleErrorDetail, "domain" | "locationType" | "location">> & {
  /** Shown in `errors[]` where Google words it differently from the error's own message. */
  detailMessage?: string;
  status?: string;
  details?: unknown[];
  headers?: Record<string, string>;
};

/** A refusal in Google's words; the calendar routes turn it into the answer. */
export class GoogleError extends Error {
  readonly code: number;
  readonly headers: Record<string, string>;
  readonly body: GoogleErrorBody;

  constructor(code: number, reason: string, message: string, extras: Extras = {}) {
    super(message);
    this.name = "GoogleError";
    this.code = code;
    this.headers = extras.headers ?? {};
    const detail: GoogleErrorDetail = {
      message: extras.detailMessage ?? message,
      domain: extras.domain ?? "global",
      reason,
      ...(extras.location && { location: extras.location, locationType: extras.locationType ?? "parameter" }),
    };
    this.body = {
      error: {
        code,
        message,
        errors: [detail],
        ...(extras.status && { status: extras.status }),
        ...(extras.details && { details: extras.details }),
      },
    };
  }
}

/** 400 for one parameter or field. */
export function invalid(message: string, location?: string, reason = "invalid"): GoogleError {
  return new GoogleError(400, reason, message, location ? { location } : {});
}

/** 404: no such event, or a calendar this account can't see. */
export function notFound(): GoogleError {
  return new GoogleError(404, "notFound", "Not Found");
}

const USAGE_LIMITS = "usageLimits";
const DEFAULTS: Record<number, [reason: string, message: string, domain?: string]> = {
  400: ["badRequest", "Bad Request"],
  401: ["authError", "Invalid Credentials"],
  403: ["rateLimitExceeded", "Rate Limit Exceeded", USAGE_LIMITS],
  404: ["notFound", "Not Found"],
  409: ["duplicate", "The requested identifier already exists."],
  410: ["deleted", "Resource has been deleted"],
  412: ["conditionNotMet", "Precondition Failed"],
  429: ["rateLimitExceeded", "Rate Limit Exceeded", USAGE_LIMITS],
  500: ["backendError", "Backend Error"],
  503: ["backendError", "Service Unavailable"],
};

/** What Google answers for a bare status, for faults that name no body. */
export function googleErrorForStatus(status: number): GoogleErrorBody {
  const [reason, message, domain] =
    DEFAULTS[status] ?? (status >= 500 ? ["backendError", "Backend Error"] : ["badRequest", "Bad Request"]);
  return new GoogleError(status, reason, message, domain ? { domain } : {}).body;
}
