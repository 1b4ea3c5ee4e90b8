import { requestIdHeaders } from "@cita/process";
import type { AccessTokens } from "@cita/token-store";
import type { calendar_v3 } from "@googleapis/calendar";
import {
  type CustomerRequest,
  createCustomerRequests,
  type RequestErrors,
} from "../upstream/customer-requests.ts";
import type { UpstreamPolicy } from "../upstream/upstream-policy.ts";
import { httpStatus, mayHaveBeenDone, requestError } from "./failures.ts";

/** Sends requests to Google's Calendar API, each with its customer's token. */
export type GoogleApi = {
  /** Loads Google's client library, so that the first request doesn't wait for it. */
  load(): Promise<void>;
  /** @throws CalendarError, or what `beforeAttempt` throws as it is. */
  readonly call: GoogleCall;
  /** As `call`, with the customer's access token of now. @throws CalendarError */
  keepAccess(customerId: string): Promise<GoogleCall>;
};

export type GoogleCall = <T>(request: GoogleRequest<T>) => Promise<T>;

export type GoogleRequest<T> = Omit<CustomerRequest<T>, "send" | "accessToken"> & {
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

const errors: RequestErrors = {
  mayHaveBeenDone,
  isTokenRefused: (error) => httpStatus(error) === 401,
  toCalendarError: requestError,
};

export function createGoogleApi(deps: GoogleApiDeps): GoogleApi {
  const { accessTokens, apiUrl, timeoutMs = 5_000, policy } = deps;
  const loadClient = createLoader(apiUrl);
  const requests = createCustomerRequests({ provider: "google", accessTokens, policy, errors });
  const optionsFor = (accessToken: string): GoogleRequestOptions => ({
    headers: { authorization: `Bearer ${accessToken}`, ...requestIdHeaders() },
    timeout: timeoutMs,
    retry: false,
    fetchImplementation: fetch,
  });
  const callWith =
    (accessToken?: string): GoogleCall =>
    async ({ send, ...request }) => {
      const google = await loadClient();
      return requests.send({
        ...request,
        accessToken,
        send: (token) => send(google, optionsFor(token)),
      });
    };
  return {
    async load() {
      await loadClient();
    },
    call: callWith(),
    keepAccess: async (customerId) => callWith(await requests.readAccessToken(customerId)),
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
