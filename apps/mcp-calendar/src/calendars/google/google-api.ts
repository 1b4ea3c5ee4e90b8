import { requestIdHeaders } from "@cita/process";
import type { AccessTokens } from "@cita/token-store";
import type { calendar_v3 } from "@googleapis/calendar";
import { CalendarError, type CallOptions } from "../calendar.ts";
import type { UpstreamPolicy } from "../upstream/upstream-policy.ts";
import { httpStatus, mayHaveBeenDone, requestError, tokenError } from "./failures.ts";

/** Sends requests to Google's Calendar API, each with its customer's token. */
export type GoogleApi = {
  /** Loads Google's client library, so that the first request doesn't wait for it. */
  load(): Promise<void>;
  /** @throws CalendarError, or what `beforeAttempt` throws as it is. */
  readonly call: GoogleCall;
};

export type GoogleCall = <T>(request: GoogleRequest<T>) => Promise<T>;

export type GoogleRequest<T> = {
  readonly customerId: string;
  /** See `UpstreamPolicy.run`. */
  readonly safety: "repeatable" | "once";
  /** The calendar that the request is about. Default: `primary`. */
  readonly calendarId?: string;
  readonly callOptions: CallOptions;
  send(google: calendar_v3.Calendar, options: GoogleRequestOptions): Promise<T>;
};

export type GoogleRequestOptions = {
  headers: Record<string, string>;
  timeout: number;
  retry: boolean;
  fetchImplementation: typeof fetch;
};

export type GoogleApiDeps = {
  accessTokens: AccessTokens;
  /** `GOOGLE_API_URL`, without a trailing slash. */
  apiUrl: string;
  /** How long one request may take. Default: 5,000. */
  timeoutMs?: number | undefined;
  policy: UpstreamPolicy;
};

export function createGoogleApi({
  accessTokens,
  apiUrl,
  timeoutMs = 5_000,
  policy,
}: GoogleApiDeps): GoogleApi {
  const loadClient = createLoader(apiUrl);
  const tokens = createCustomerTokens(accessTokens);
  const optionsFor = (accessToken: string): GoogleRequestOptions => ({
    headers: { authorization: `Bearer ${accessToken}`, ...requestIdHeaders() },
    timeout: timeoutMs,
    retry: false,
    fetchImplementation: fetch,
  });

  async function call<T>(request: GoogleRequest<T>): Promise<T> {
    const { customerId, safety, calendarId = "primary", send } = request;
    const { reservation, beforeAttempt } = request.callOptions;
    const google = await loadClient();
    let outcomeUnknown = false;
    let token = "";
    let stoppedBy: unknown;
    const attempt = () =>
      send(google, optionsFor(token)).catch((error: unknown) => {
        outcomeUnknown ||= mayHaveBeenDone(error);
        throw error;
      });
    const checkBeforeAttempt = async () => {
      await beforeAttempt?.().catch((error: unknown) => {
        stoppedBy = error;
        throw error;
      });
    };
    const sendWithToken = async (rejected?: string) => {
      token = await tokens.get(customerId, rejected);
      return policy.run(customerId, safety, attempt, { reservation, beforeAttempt: checkBeforeAttempt });
    };
    try {
      return await sendWithToken().catch((error: unknown) => {
        if (error === stoppedBy || httpStatus(error) !== 401) throw error;
        // A token that Google no longer takes is renewed once.
        return sendWithToken(token);
      });
    } catch (error) {
      if (error === stoppedBy) throw error;
      // An attempt without a response may have been done, whatever the response to a later one was.
      const failure = requestError(error, { calendarId, outcomeUnknown });
      const wasSent = !(error instanceof CalendarError);
      if (wasSent && failure.code === "reconnect_required")
        await tokens.requireReconnect(customerId, token, failure);
      throw failure;
    }
  }

  return {
    async load() {
      await loadClient();
    },
    call,
  };
}

/** Imports the library once. After a failure the next caller tries again. */
function createLoader(apiUrl: string): () => Promise<calendar_v3.Calendar> {
  let loading: Promise<calendar_v3.Calendar> | undefined;
  return () => {
    // The package is CommonJS: in a chunk made by esbuild it has only a default export.
    loading ??= import("@googleapis/calendar").then(
      ({ default: google }) => google.calendar({ version: "v3", rootUrl: `${apiUrl}/` }),
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
}

/** Access tokens of customers. Failures are CalendarErrors with a known outcome, since nothing was sent yet. */
function createCustomerTokens(accessTokens: AccessTokens) {
  const asCalendarError = (error: unknown) => {
    throw tokenError(error);
  };
  return {
    get: (customerId: string, rejected: string | undefined): Promise<string> =>
      accessTokens.get({ customerId, provider: "google" }, rejected).catch(asCalendarError),
    /** Stores that only a new consent helps, so that the admin sees it and not only the calling agent. */
    requireReconnect: (customerId: string, token: string, { reason }: CalendarError): Promise<void> =>
      accessTokens.requireReconnect({ customerId, provider: "google" }, token, reason).catch(asCalendarError),
  };
}
