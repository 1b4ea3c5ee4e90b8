/**
 * The activity log, which admins read: the contract (here), the table (`open-activity-log.ts`), and the wrappers around
 * the ledger, the schedules and the agent keys that record entries. Metrics are in `../metrics`; what programmers need
 * is in the process's log.
 */

import type { AgentKeyAudience } from "@cita/calendar-api";
import type { ConsentEvent } from "@cita/consent";
import type { CalendarStateName } from "@cita/token-store";

/** Something that happened. Admins are shown it as it is, so it never holds a token, a code or a link. */
export type ActivityEvent = {
  /** null: it is about the platform itself, which serves all customers. */
  readonly customerId: string | null;
  /**
   * A unique name of what happened. Of events with the same name only the first is stored, since two processes, two
   * readings or a repeated call may notice the same thing.
   */
  readonly once?: string;
} & ActivityBody;

/** `kind` and `detail` of each member of a union. */
type EventBody<Event> = Event extends unknown ? Pick<Event, Extract<keyof Event, "kind" | "detail">> : never;

type ActivityBody =
  | EventBody<ConsentEvent>
  | { kind: "link_issued"; detail: { link_id: number; expires_at: string } }
  | { kind: "link_revoked"; detail: { link_id: number; because: "renewed" | "disconnected" } }
  | { kind: "disconnected"; detail: { revoked_at_google: boolean } }
  | {
      kind: "calendar_state_changed";
      detail: { state: CalendarStateName; calendar?: string; message: string };
    }
  | { kind: "booked"; detail: { booking_id: string; service: string; start: string; end: string } }
  | {
      kind: "rescheduled";
      detail: { booking_id: string; from: string; start: string; end: string; by: ChangedBy };
    }
  | { kind: "cancelled"; detail: { booking_id: string; start: string; by: ChangedBy } }
  /** Another account was connected, and `count` bookings ahead are in the calendar of the account before. */
  | { kind: "bookings_stranded"; detail: { count: number } }
  | { kind: "cancellations_stopped"; detail: { cancellations: number; message: string } }
  | { kind: "schedule_changed"; detail: { changed: string } }
  | {
      kind: "agent_key_created";
      detail: {
        key_id: number;
        name: string;
        last_characters: string;
        audience: AgentKeyAudience;
        expires_at: string | null;
      };
    }
  | { kind: "agent_key_revoked"; detail: { key_id: number; name: string; last_characters: string } };

/** By a tool call, by a request of admin-api, or by hand in the calendar itself. */
export type ChangedBy = "agent" | "admin" | "calendar";

/** An entry of the log. */
export type Activity = {
  readonly id: number;
  readonly at: string;
  readonly customerId: string | null;
  readonly kind: ActivityEvent["kind"];
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
};

/** Only ever grows: entries are neither changed nor removed, until their customer is (`retention/remove-customer.ts`). */
export type ActivityLog = {
  /** @returns false where an entry with the same `once` exists, or the customer was removed. */
  append(event: ActivityEvent): Promise<boolean>;
  /** Entries with lower ids than `before`, newest first. Without a customer: those of all. */
  page(filter: ActivityFilter): Promise<Activity[]>;
};

export type ActivityFilter = {
  readonly customerId?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
};
