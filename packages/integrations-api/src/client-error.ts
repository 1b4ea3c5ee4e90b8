import { retryAfterOf } from "@cita/service-client";
import { type ErrorCode, errorStatuses, failureResponse } from "./envelope.ts";

/** Where the service's answer is none of its contract, or says that our request isn't let in. */
const ownStatuses = {
  /** It can't be reached, or its response isn't one of the contract. */
  integrations_service_unavailable: 502,
  /** Its paths don't exist at the URL, or it refuses our key. */
  integrations_service_misconfigured: 502,
  /** It answered 429; see `retryAfterSeconds`. */
  integrations_service_busy: 503,
} as const;

export type IntegrationsApiErrorCode = ErrorCode | keyof typeof ownStatuses;

/** A request to the integration service failed. */
export class IntegrationsApiError extends Error {
  override readonly name = "IntegrationsApiError";
  readonly code: IntegrationsApiErrorCode;
  readonly statusCode: number;
  /** How long to wait, where the code says so. */
  readonly retryAfterSeconds: number | undefined;
  constructor(
    code: IntegrationsApiErrorCode,
    message: string,
    { retryAfterSeconds, ...options }: ErrorOptions & { readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.statusCode = { ...errorStatuses, ...ownStatuses }[code];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What a response means whose status isn't 2xx. It reads the body, or cancels it. */
export async function toIntegrationsApiError(response: Response): Promise<IntegrationsApiError> {
  if (response.status === 429) {
    await response.body?.cancel();
    return new IntegrationsApiError(
      "integrations_service_busy",
      "The integration service takes no more requests from here for now. Wait as long as Retry-After says.",
      { retryAfterSeconds: retryAfterOf(response) },
    );
  }
  const body = await response.json().catch((cause: unknown) => unavailableError(cause));
  if (body instanceof IntegrationsApiError) return body;
  const failure = failureResponse.safeParse(body);
  if (!failure.success) return unavailableError(failure.error);
  const { code, message } = failure.data.error;
  const misconfigured = misconfigurations[code];
  return misconfigured === undefined
    ? new IntegrationsApiError(code, message)
    : new IntegrationsApiError("integrations_service_misconfigured", misconfigured);
}

/** A missing integration is `INTEGRATION_NOT_FOUND`. */
const misconfigurations: Partial<Record<ErrorCode, string>> = {
  UNAUTHORIZED:
    "The integration service doesn't take our service key: CALENDAR_SERVICE_KEY differs between the two services.",
  NOT_FOUND: "The integration service's paths aren't at INTEGRATIONS_URL.",
};

export function unavailableError(cause?: unknown): IntegrationsApiError {
  const message = "The integration service did not answer. Try again in a moment.";
  return new IntegrationsApiError("integrations_service_unavailable", message, { cause });
}
