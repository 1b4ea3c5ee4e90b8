import type { AccessTokens } from "@cita/token-store";
import { CalendarError, type CallOptions } from "../calendar.ts";
import { tokenError } from "./token-error.ts";
import type { UpstreamPolicy } from "./upstream-policy.ts";

/**
 * Sends one request to a provider with its customer's token: within the policy, and once more with a new token where the
 * provider no longer takes the one that was sent.
 * @throws CalendarError, or what `beforeAttempt` throws as it is.
 */
type SendRequest = <T>(request: CustomerRequest<T>) => Promise<T>;

export type CustomerRequests = {
  readonly send: SendRequest;
  /** The customer's access token of now. @throws CalendarError */
  readAccessToken(customerId: string): Promise<string>;
};

export type CustomerRequest<T> = {
  readonly customerId: string;
  /** See `UpstreamPolicy.run`. */
  readonly safety: "repeatable" | "once";
  /** The calendar that the request is about. Default: `primary`. */
  readonly calendarId?: string;
  readonly callOptions: CallOptions;
  /** Sent instead of the customer's own of then, and never renewed. */
  readonly accessToken?: string | undefined;
  send(accessToken: string): Promise<T>;
};

/** What an error of a provider's request means. */
export type RequestErrors = {
  /** Whether a failed write may have been done. */
  mayHaveBeenDone(error: unknown): boolean;
  /** Whether the provider doesn't take the access token. */
  isTokenRefused(error: unknown): boolean;
  toCalendarError(error: unknown, request: { calendarId: string; outcomeUnknown: boolean }): CalendarError;
};

export type CustomerRequestsDeps = {
  provider: string;
  accessTokens: AccessTokens;
  policy: UpstreamPolicy;
  errors: RequestErrors;
};

export function createCustomerRequests(deps: CustomerRequestsDeps): CustomerRequests {
  const { policy, errors } = deps;
  const tokens = createCustomerTokens(deps);

  const send = async <T>(request: CustomerRequest<T>): Promise<T> => {
    const { customerId, safety, calendarId = "primary", accessToken } = request;
    const { reservation, beforeAttempt } = request.callOptions;
    let outcomeUnknown = false;
    let token = "";
    let stoppedBy: unknown;
    const attempt = () =>
      request.send(token).catch((error: unknown) => {
        outcomeUnknown ||= errors.mayHaveBeenDone(error);
        throw error;
      });
    const checkBeforeAttempt = async () => {
      await beforeAttempt?.().catch((error: unknown) => {
        stoppedBy = error;
        throw error;
      });
    };
    const sendWithToken = async (refused?: string) => {
      token = accessToken ?? (await tokens.get(customerId, refused));
      return policy.run(customerId, safety, attempt, { reservation, beforeAttempt: checkBeforeAttempt });
    };
    try {
      return await sendWithToken().catch((error: unknown) => {
        const isFinal = error === stoppedBy || accessToken !== undefined;
        if (isFinal || !errors.isTokenRefused(error)) throw error;
        return sendWithToken(token);
      });
    } catch (error) {
      if (error === stoppedBy) throw error;
      // An attempt without a response may have been done, whatever the response to a later one was.
      const failure = errors.toCalendarError(error, { calendarId, outcomeUnknown });
      const wasSent = !(error instanceof CalendarError);
      if (wasSent && failure.code === "reconnect_required")
        await tokens.requireReconnect(customerId, token, failure);
      throw failure;
    }
  };

  return { send, readAccessToken: (customerId) => tokens.get(customerId) };
}

/** Access tokens of customers. Failures are CalendarErrors with a known outcome, since nothing was sent yet. */
function createCustomerTokens({ accessTokens, provider }: CustomerRequestsDeps) {
  const asCalendarError = (error: unknown) => {
    throw tokenError(error);
  };
  return {
    get: (customerId: string, refused?: string): Promise<string> =>
      accessTokens.get({ customerId, provider }, refused).catch(asCalendarError),
    /** Stores that only a new consent helps, so that the admin sees it and not only the calling agent. */
    requireReconnect: (customerId: string, token: string, { reason }: CalendarError): Promise<void> =>
      accessTokens.requireReconnect({ customerId, provider }, token, reason).catch(asCalendarError),
  };
}
