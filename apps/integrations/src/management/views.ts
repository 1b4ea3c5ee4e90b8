import { createPageCursor } from "@cita/http";
import type { integrationView, syncLogView } from "@cita/integrations-api";
import { z } from "zod";
import type { Integration } from "../integrations/integration.ts";
import type { SyncLog } from "../integrations/sync-log.ts";

/** Registry keys stand in tables and paths; source 003's upper case only in bodies: `meta-ads` is `META_ADS`. */
export function toEnum(providerId: string): string {
  return providerId.toUpperCase().replaceAll("-", "_");
}

export function fromEnum(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

export function toIntegrationView(one: Integration): z.input<typeof integrationView> {
  return {
    ...{ id: one.id, userId: one.userId, organizationId: one.organizationId, provider: toEnum(one.provider) },
    ...{ name: one.name, accountId: one.accountId, accountEmail: one.email, isActive: one.isActive },
    ...{ isConnected: one.isConnected, tokenType: one.tokenType, expiresAt: toText(one.expiresAt) },
    ...{ renewsAt: toText(one.renewAt), accessEndsAt: toText(one.accessEndsAt) },
    ...{ scope: [...one.scopes], metadata: { ...one.metadata }, lastSyncAt: toText(one.lastSyncAt) },
    ...{ lastError: one.lastError, problem: one.problem },
    reconnectRequiredSince: toText(one.reconnectRequiredSince),
    ...{ createdAt: one.createdAt.toISOString(), updatedAt: one.updatedAt.toISOString() },
  };
}

export function toSyncLogView(log: SyncLog): z.input<typeof syncLogView> {
  const { startedAt, completedAt, metadata: kept, ...rest } = log;
  return {
    ...rest,
    metadata: { ...kept },
    startedAt: startedAt.toISOString(),
    completedAt: toText(completedAt),
  };
}

function toText(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

/** Pages end at ids. */
export const idCursor = createPageCursor<string>({
  write: (id) => id,
  read: (text) => (z.uuid().safeParse(text).success ? text : undefined),
});
