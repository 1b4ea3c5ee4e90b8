import { readAnswer, type ServiceAddress, type ServiceRequest, sendToService } from "@cita/service-client";
import type { z } from "zod";
import { toCalendarApiError, unavailableError } from "./client-error.ts";
import { customerAddedAtHeader } from "./customer.ts";

/** Where the management paths are, and what all requests there carry. */
export type ClientOptions = ServiceAddress & {
  /** The id that requests carry as `x-request-id`. */
  readonly requestId?: string;
  /** Since when the customer of the requests has been there. */
  readonly customerAddedAt?: string | undefined;
  /** Who has asked for what is being done, as `x-actor`; undefined: nobody. */
  readonly actor?: (() => string | undefined) | undefined;
};

export type ApiRequest = ServiceRequest;

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
  const body = await readAnswer(response, answer).catch((cause: unknown) => {
    throw unavailableError(cause);
  });
  return { body, headers: response.headers };
}

/** Sends a request. @throws CalendarApiError where nothing answers */
export async function send(
  { requestId, customerAddedAt, actor, ...address }: ClientOptions,
  request: ApiRequest,
): Promise<Response> {
  const doneFor = actor?.();
  const headers = {
    ...request.headers,
    ...(doneFor !== undefined && { "x-actor": doneFor }),
    ...(requestId !== undefined && { "x-request-id": requestId }),
    ...(customerAddedAt !== undefined && { [customerAddedAtHeader]: customerAddedAt }),
  };
  try {
    return await sendToService(address, { ...request, headers });
  } catch (cause) {
    throw unavailableError(cause);
  }
}
