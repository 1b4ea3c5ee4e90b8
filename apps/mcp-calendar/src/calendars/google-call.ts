import { passedOnHeaders } from "@cita/process";
import type { AccessTokens } from "@cita/token-store";
import { CalendarError, type CallOptions } from "./calendar.ts";
import { explainGoogleFailure, googleStatus, isUnanswered } from "./google-failure.ts";
import { asTokenFailure } from "./token-failure.ts";
import type { UpstreamPolicy } from "./upstream-policy.ts";

export type GoogleRequestOptions = {
  headers: Record<string, string>;
  timeout: number;
  retry: boolean;
  fetchImplementation: typeof fetch;
};

/**
 * Runs a request with the customer's token; a token Google no longer takes is renewed once.
 * @param safety see `UpstreamPolicy.run`.
 * @param calendarId which calendar the request is about; left out: the primary one.
 * @throws CalendarError, or what `beforeAttempt` throws as it is.
 */
export type GoogleCall = <T>(
  customerId: string,
  safety: "repeatable" | "once",
  callOptions: CallOptions,
  send: (options: GoogleRequestOptions) => Promise<T>,
  calendarId?: string,
) => Promise<T>;

type Deps = {
  accessTokens: AccessTokens;
  /** How long one request may take. */
  timeoutMs: number;
  policy: UpstreamPolicy;
};

export function createGoogleCall({ accessTokens, timeoutMs, policy }: Deps): GoogleCall {
  const optionsFor = (accessToken: string): GoogleRequestOptions => ({
    headers: { authorization: `Bearer ${accessToken}`, ...passedOnHeaders() },
    timeout: timeoutMs,
    retry: false,
    fetchImplementation: fetch,
  });

  /** Without a token nothing was sent: whatever went wrong, its outcome is known. */
  async function tokenFor(customerId: string, rejected?: string): Promise<string> {
    try {
      return await accessTokens.get({ customerId, provider: "google" }, rejected);
    } catch (error) {
      throw asTokenFailure(error);
    }
  }

  /** What Google refuses for good is known to the admin too, not only to the agent that met it. */
  async function requireReconnect(customerId: string, token: string, { reason }: CalendarError) {
    try {
      await accessTokens.requireReconnect({ customerId, provider: "google" }, token, reason);
    } catch (error) {
      throw asTokenFailure(error);
    }
  }

  return async function call<T>(
    customerId: string,
    safety: "repeatable" | "once",
    { reservation, beforeAttempt }: CallOptions,
    send: (options: GoogleRequestOptions) => Promise<T>,
    calendarId = "primary",
  ): Promise<T> {
    let unheard = false;
    let token = "";
    let stoppedBy: unknown;
    const attempt = () =>
      send(optionsFor(token)).catch((error: unknown) => {
        unheard ||= isUnanswered(error);
        throw error;
      });
    const stopOrGoOn = async () => {
      await beforeAttempt?.().catch((error: unknown) => {
        stoppedBy = error;
        throw error;
      });
    };
    const sendWithToken = async (rejected?: string) => {
      token = await tokenFor(customerId, rejected);
      return policy.run(customerId, safety, attempt, { reservation, beforeAttempt: stopOrGoOn });
    };
    try {
      return await sendWithToken().catch((error: unknown) => {
        if (error === stoppedBy || googleStatus(error) !== 401) throw error;
        return sendWithToken(token);
      });
    } catch (error) {
      if (error === stoppedBy) throw error;
      // One try that got no answer may have been done, whatever the last one was answered.
      const failure = asCalendarError(error, unheard, calendarId);
      const wasSent = !(error instanceof CalendarError);
      if (wasSent && failure.code === "reconnect_required")
        await requireReconnect(customerId, token, failure);
      throw failure;
    }
  };
}

function asCalendarError(error: unknown, outcomeUnknown: boolean, calendarId: string): CalendarError {
  if (error instanceof CalendarError) {
    const { cause, trouble } = error;
    return new CalendarError(error.code, error.reason, { cause, trouble, outcomeUnknown });
  }
  const { code, reason, trouble } = explainGoogleFailure(error, calendarId);
  return new CalendarError(code, reason, { cause: error, trouble, outcomeUnknown });
}
