import { IntegrationsApiError, type IntegrationView, revocations } from "@cita/integrations-api";
import { z } from "zod";
import type { IntegrationsDeps, Place } from "./places.ts";
import { stateOf } from "./states.ts";

const id = z.uuid().optional().catch(undefined);

/** What a list's address may say. Whatever it says happened is told only where that is how it is now. */
export const listQuery = z.object({
  /** Cursor. */
  desde: z.string().max(400).optional().catch(undefined),
  conectada: id,
  /** The one that was to be connected again instead of that. */
  en_vez_de: id,
  desconectada: id,
  acceso: z.enum(revocations).optional().catch(undefined),
  /** The code of a failure. */
  fallo: z.string().max(40).optional().catch(undefined),
});
export type ListQuery = z.output<typeof listQuery>;

export type Notices = {
  readonly connected?: IntegrationView | undefined;
  /** Still waits, since another account was connected. */
  readonly stillLost?: IntegrationView | undefined;
  readonly disconnected?: IntegrationView | undefined;
  readonly revocation?: ListQuery["acceso"];
  readonly failure?: string | undefined;
};

/** Reads what is to be told of, since anybody may write an address. */
export async function readNotices(
  { integrationsApi }: IntegrationsDeps,
  { place, query }: { place: Place; query: ListQuery },
): Promise<Notices> {
  const find = async (id: string | undefined, isSo: (one: IntegrationView) => boolean) => {
    const found = id === undefined ? undefined : await integrationsApi.find(id).catch(undefinedIfUnknown);
    return found !== undefined && place.has(found) && isSo(found) ? found : undefined;
  };
  const isConnected = (one: IntegrationView) => stateOf(one) === "connected";
  const [connected, stillLost, disconnected] = await Promise.all([
    find(query.conectada, isConnected),
    find(query.en_vez_de, (one) => !isConnected(one)),
    find(query.desconectada, (one) => stateOf(one) === "disconnected" || query.acceso === "reconnected"),
  ]);
  return { connected, stillLost, disconnected, revocation: query.acceso, failure: query.fallo };
}

/** @throws the error itself where it is another */
export function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof IntegrationsApiError && error.code === "INTEGRATION_NOT_FOUND") return undefined;
  throw error;
}
