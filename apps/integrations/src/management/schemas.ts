import { customerId } from "@cita/calendar-api";
import { createPageCursor } from "@cita/http";
import { z } from "zod";
import type { Integration } from "../integrations/integration.ts";
import { type SyncLog, syncStatuses } from "../integrations/sync-log.ts";

/** Registry keys stand in tables and paths; source 003's upper case only in bodies: `meta-ads` is `META_ADS`. */
export function toEnum(providerId: string): string {
  return providerId.toUpperCase().replaceAll("-", "_");
}

export function fromEnum(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** An opaque id of a person: ours are UUIDs, other systems have their own. */
export const userId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 visible characters")
  .meta({ example: "7b1f6f0e-2f0c-4a3e-9d59-0f6f5f1f9c11" });

export const organizationId = customerId.meta({ description: "Cita's customer_id." });

export const providerName = z.string().max(40).meta({ example: "INSTAGRAM" });

const maxMetadataBytes = 4_096;

export const metadata = z
  .record(z.string().max(100), z.unknown())
  .refine((value) => JSON.stringify(value).length <= maxMetadataBytes, "must have 4 kB at the most");

export const integrationId = z.object({ id: z.uuid() });

export const integrationView = z.object({
  id: z.uuid(),
  userId: z.string(),
  organizationId: z.string().nullable(),
  provider: z.string(),
  name: z.string(),
  accountId: z.string().meta({ description: "The provider's own id of the account." }),
  accountEmail: z.string().nullable(),
  isActive: z.boolean(),
  tokenType: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable().meta({
    description: "When the present access token expires; it is renewed before. null: never, or not known.",
  }),
  accessEndsAt: z.iso.datetime().nullable().meta({
    description: "When the access ends, whatever is renewed. null: never, or not known.",
  }),
  scope: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  lastSyncAt: z.iso.datetime().nullable(),
  lastError: z.string().nullable(),
  reconnectRequiredSince: z.iso
    .datetime()
    .nullable()
    .meta({ description: "Since when only a new consent helps." }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export function toIntegrationView(one: Integration): z.input<typeof integrationView> {
  return {
    ...{ id: one.id, userId: one.userId, organizationId: one.organizationId, provider: toEnum(one.provider) },
    ...{ name: one.name, accountId: one.accountId, accountEmail: one.email, isActive: one.isActive },
    ...{ tokenType: one.tokenType, expiresAt: toText(one.expiresAt), accessEndsAt: toText(one.accessEndsAt) },
    ...{ scope: [...one.scopes], metadata: { ...one.metadata }, lastSyncAt: toText(one.lastSyncAt) },
    ...{ lastError: one.lastError, reconnectRequiredSince: toText(one.reconnectRequiredSince) },
    ...{ createdAt: one.createdAt.toISOString(), updatedAt: one.updatedAt.toISOString() },
  };
}

export const syncLogView = z.object({
  id: z.uuid(),
  integrationId: z.uuid(),
  action: z.string(),
  resourceType: z.string(),
  resourceId: z.string().nullable(),
  status: z.enum(syncStatuses),
  itemsProcessed: z.number().int(),
  itemsFailed: z.number().int(),
  error: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  startedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
});

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

const limit = z.coerce.number().int().min(1).max(200).default(50);
const cursor = z.string().max(400).optional();

export const listQuery = z.strictObject({
  provider: providerName.optional(),
  isActive: z.enum(["true", "false"]).optional(),
  limit,
  cursor,
});

export const logsQuery = z.strictObject({ limit, cursor });

/** Pages end at ids. */
export const idCursor = createPageCursor<string>({
  write: (id) => id,
  read: (text) => (z.uuid().safeParse(text).success ? text : undefined),
});

export const changes = z
  .strictObject({
    name: z.string().trim().min(1, "must not be empty").max(200).optional(),
    isActive: z.boolean().optional(),
    metadata: metadata.optional(),
  })
  .refine((value) => Object.keys(value).length > 0, "must change something: name, isActive or metadata");
