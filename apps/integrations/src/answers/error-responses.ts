import { failureResponse } from "@cita/integrations-api";

/** The error responses of every route behind a key, for the API's documentation. */
export const errorResponses = {
  400: failureResponse,
  401: failureResponse,
  403: failureResponse,
  404: failureResponse,
  409: failureResponse,
  429: failureResponse,
  500: failureResponse,
  502: failureResponse,
  503: failureResponse,
};
