import { customerId } from "@cita/calendar-api";
import { z } from "zod";

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
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes,
    "must have 4 kB at the most",
  );

export const integrationId = z.object({ id: z.uuid() });

/** `lost`: only a new consent helps. The others leave it connected: what keeps it from being used meanwhile. */
export const integrationProblems = [
  "lost",
  "refused",
  "misconfigured",
  "rate_limited",
  "unreachable",
] as const;
export type IntegrationProblem = (typeof integrationProblems)[number];

export const integrationView = z.object({
  id: z.uuid(),
  userId: z.string(),
  organizationId: z.string().nullable(),
  provider: z.string(),
  name: z.string(),
  accountId: z.string().meta({ description: "The provider's own id of the account." }),
  accountEmail: z.string().nullable(),
  isActive: z.boolean(),
  isConnected: z.boolean().meta({
    description:
      "Whether it has an access. false: it was disconnected, and only a new consent makes it active.",
  }),
  tokenType: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable().meta({
    description: "When the present access token expires; it is renewed before. null: never, or not known.",
  }),
  renewsAt: z.iso.datetime().nullable().meta({
    description: "When the access is renewed by itself. null: it needs no renewal, or can't be renewed.",
  }),
  accessEndsAt: z.iso.datetime().nullable().meta({
    description: "When the access ends, whatever is renewed. null: never, or not known.",
  }),
  scope: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  lastSyncAt: z.iso.datetime().nullable(),
  lastError: z.string().nullable(),
  problem: z.enum(integrationProblems).nullable().meta({
    description: "What lastError is about. null: nothing, or an earlier version has noted it.",
  }),
  reconnectRequiredSince: z.iso
    .datetime()
    .nullable()
    .meta({ description: "Since when only a new consent helps." }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type IntegrationView = z.output<typeof integrationView>;

export const syncStatuses = ["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"] as const;

/** What was done with an integration at its provider. */
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
export type SyncLogView = z.output<typeof syncLogView>;

const limit = z.coerce.number().int().min(1).max(200).default(50);
const cursor = z.string().max(400).optional();

/** `GET /integrations/organization/:organizationId` */
export const integrationsQuery = z.strictObject({
  provider: providerName.optional(),
  isActive: z.enum(["true", "false"]).optional(),
  limit,
  cursor,
});

/** `GET /integrations/user/:userId` */
export const userIntegrationsQuery = integrationsQuery.extend({
  own: z.literal("true").optional().meta({
    description: "Only those of the person: without what they have connected for organizations.",
  }),
});

/** `GET /integrations/:id/sync-logs` */
export const syncLogsQuery = z.strictObject({ limit, cursor });

/** `PATCH /integrations/:id` */
export const integrationChanges = z
  .strictObject({
    name: z.string().trim().min(1, "must not be empty").max(200).optional(),
    isActive: z.boolean().optional(),
    metadata: metadata.optional(),
  })
  .refine((value) => Object.keys(value).length > 0, "must change something: name, isActive or metadata");
export type IntegrationChanges = z.input<typeof integrationChanges>;

/** What became of the access at the provider. */
export const revocations = [
  "revoked",
  "shared",
  "unsupported",
  "unconfirmed",
  "nothing",
  "reconnected",
] as const;
export type Revocation = (typeof revocations)[number];

/** `DELETE /integrations/:id?revoke=all` */
export const disconnectedIntegration = integrationView.extend({
  revokedAtProvider: z.boolean(),
  revocation: z.enum(revocations).meta({
    description:
      "`shared`: it would have ended other connections of the account too, a customer's calendar among them, or " +
      "mcp-calendar hasn't said whether there is one; `revoke=all` revokes all the same. " +
      "`unsupported`: the provider has no revocation, or our client there was changed. " +
      "`unconfirmed`: the provider hasn't confirmed it. `nothing`: it was disconnected before. " +
      "`reconnected`: somebody has connected it again meanwhile, and it stays connected.",
  }),
});
export type DisconnectedIntegration = z.output<typeof disconnectedIntegration>;
