import type { syncStatuses } from "@cita/integrations-api";

/** What was done with an integration at its provider (source 003's IntegrationSyncLog). */
export type SyncLog = {
  /** A UUID. */
  readonly id: string;
  readonly integrationId: string;
  /** Such as `renew_token` or `probe`. */
  readonly action: string;
  readonly resourceType: string;
  readonly resourceId: string | null;
  readonly status: SyncStatus;
  readonly itemsProcessed: number;
  readonly itemsFailed: number;
  readonly error: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly startedAt: Date;
  readonly completedAt: Date | null;
};

export type SyncStatus = (typeof syncStatuses)[number];

/** What only keeps integrations alive: it is logged for people, and isn't told as a synchronisation. */
export const housekeepingActions = { renewal: "renew_token", probe: "probe" } as const;

export type NewSyncLog = Pick<SyncLog, "integrationId" | "action" | "resourceType"> &
  Partial<Pick<SyncLog, "resourceId" | "metadata">>;

export type SyncLogStore = {
  /** @returns the id of an entry in progress. */
  begin(entry: NewSyncLog): Promise<string>;
  /** Also one that was cancelled meanwhile. What is completed is an event in the same transaction, but for housekeeping. */
  finish(id: string, result: SyncResult): Promise<void>;
  /** Newest first. @param before the cursor: an id of the page before. */
  list(filter: {
    readonly integrationId: string;
    readonly before?: string | undefined;
    readonly limit: number;
  }): Promise<SyncLog[]>;
  /** What was in progress at an instance that is gone is cancelled. @returns how many. */
  cancelOlderThan(time: Date): Promise<number>;
  purge(before: Date, limit: number): Promise<number>;
};

export type SyncResult = {
  readonly status: Exclude<SyncStatus, "PENDING" | "IN_PROGRESS">;
  readonly itemsProcessed?: number;
  readonly itemsFailed?: number;
  readonly error?: string | null;
};
