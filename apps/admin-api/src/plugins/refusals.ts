import { errorResponse } from "@cita/calendar-api";

/** What every route behind the admin key may answer instead, for the API's documentation. */
export const refusals = {
  400: errorResponse,
  401: errorResponse,
  429: errorResponse,
  502: errorResponse,
  503: errorResponse,
};

/** The same for a route that is about one customer. */
export const refusalsOfOne = { ...refusals, 404: errorResponse };

/** For a route that makes something of which there can be too many. */
export const conflict = { 409: errorResponse };
