import { errorResponse } from "@cita/calendar-api";

/** What every route behind the admin key may answer instead, for the API's documentation. */
export const errorResponses = {
  400: errorResponse,
  401: errorResponse,
  429: errorResponse,
  502: errorResponse,
  503: errorResponse,
};

/** The same for a route about one customer, booking or key, which may not be there. */
export const errorResponsesOfOne = { ...errorResponses, 404: errorResponse };

/** For a route that can be refused for the state that something is in, or because there are too many. */
export const conflictResponse = { 409: errorResponse };
