import type { AgentKeyAudience } from "@cita/calendar-api";
import type { ConsentEvent } from "@cita/consent";
import type { CalendarStateName } from "@cita/token-store";

/**
 * What has happened, for admins: entries are recorded by wrappers around the ledger, the schedules and the agent keys,
 * and kept in the log of this folder. What is counted and measured is in `metrics/`, and what a programmer looks for in
 * the process's own log.
 */

/** Something an admin may want to know of later. It is shown as it is: never a token, a code or a link. */
export type ActivityEvent = {
  /** null: it is about the platform itself, which serves all customers. */
  readonly customerId: string | null;
  /**
   * Names what happened so that it is kept once, whoever notices it and however often: two processes, two
   * readings, or a call that was repeated.
   */
  readonly once?: string;
} & Happening;

/** Of a union each member without what all events have. */
type EventBody<Event> = Event extends unknown ? Pick<Event, Extract<keyof Event, "kind" | "detail">> : never;

type Happening =
  | EventBody<ConsentEvent>
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
  /** Another account was connected, and so many bookings lie ahead in the calendar of the one before. */
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

/** Through a tool of ours, through admin-api, or seen in the calendar itself. */
export type ChangedBy = "agent" | "admin" | "calendar";

/** An entry of the log, as it was kept. */
export type Activity = {
  readonly id: number;
  readonly at: string;
  readonly customerId: string | null;
  readonly kind: ActivityEvent["kind"];
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
};

/** Only ever grows: entries are neither changed nor removed, until their customer is (`retention/remove-customer.ts`). */
export type ActivityLog = {
  /** @returns whether it is kept: what is named by `once` is kept once, and nothing of a customer that was removed. */
  append(event: ActivityEvent): Promise<boolean>;
  /** Newest first, those before an id. Without a customer: everybody's. */
  page(filter: ActivityFilter): Promise<Activity[]>;
};

export type ActivityFilter = {
  readonly customerId?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
};
