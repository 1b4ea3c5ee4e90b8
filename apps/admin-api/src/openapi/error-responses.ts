import { errorResponse } from "@cita/calendar-api";

/** The error responses of every route behind the admin key, for the API's documentation. */
export const errorResponses = {
  400: errorResponse,
  401: errorResponse,
  429: errorResponse,
  502: errorResponse,
  503: errorResponse,
};

/** The same with 404, for routes about one customer, booking or key. */
export const errorResponsesOfOne = { ...errorResponses, 404: errorResponse };

/** For routes with `If-Match`. */
export const changedResponse = { 412: errorResponse };

/** For routes that may be refused for the present state. */
export const conflictResponse = { 409: errorResponse };

/** For routes by which people sign in, which ask no other service. */
export const authErrorResponses = {
  400: errorResponse,
  401: errorResponse,
  403: errorResponse,
  429: errorResponse,
};
