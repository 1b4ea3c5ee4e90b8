import { requestIdHeaders } from "@cita/process";
import { readAnswer, type ServiceAddress, type ServiceRequest, sendToService } from "@cita/service-client";
import type { z } from "zod";
import { toIntegrationsApiError, unavailableError } from "./client-error.ts";

export type Page<Item> = { readonly data: readonly Item[]; readonly nextCursor: string | null };
export type PageQuery = { readonly limit?: number; readonly cursor?: string | undefined };

/** One request to the service. @throws IntegrationsApiError */
export type Send = <Schema extends z.ZodType>(
  request: ServiceRequest & { readonly answer: Schema },
) => Promise<z.output<Schema>>;

export function createSend(address: ServiceAddress): Send {
  return async ({ answer, ...request }) => {
    const response = await sendToService(address, { ...request, headers: requestIdHeaders() }).catch(
      (cause: unknown) => {
        throw unavailableError(cause);
      },
    );
    if (!response.ok) throw await toIntegrationsApiError(response);
    return readAnswer(response, answer).catch((cause: unknown) => {
      throw unavailableError(cause);
    });
  };
}
