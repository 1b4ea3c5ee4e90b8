import type { ConnectionSummary } from "@cita/calendar-api";
import { type EventBody, readEvent } from "@cita/events/kinds";

/** Where a customer's calendar stands, for lists. */
export type CustomerState = {
  readonly status: ConnectionSummary["status"];
  /** null: not known, as of customers that never had a connection. */
  readonly statusSince: string | null;
  /** null: nothing is connected. */
  readonly calendarState: CalendarStateName | null;
  readonly calendarStateSince: string | null;
  readonly provider: string | null;
  /** When somebody last booked; null: not since the first snapshot. */
  readonly lastBookedAt: string | null;
  /** The event that has changed it last; null: it is from a snapshot. */
  readonly eventId: number | null;
};

export type CalendarStateName = NonNullable<ConnectionSummary["calendar_state"]>["state"];

type Happened = { readonly id: number; readonly at: string; readonly kind: string; readonly data: unknown };

/**
 * A customer's state after an event. Reading events again that a snapshot has already seen ends in the same state.
 * @param state undefined: nothing is known of the customer yet.
 * @returns the same state for events that don't change it, and for those that this version doesn't know.
 */
export function foldEvent(state: CustomerState | undefined, event: Happened): CustomerState | undefined {
  const body = readEvent(event);
  const change = body && toChange(state, event.at, body);
  return change === undefined ? state : { ...(state ?? unknownState), ...change, eventId: event.id };
}

/** Of a customer that the calendar service doesn't know. */
export const unknownState: CustomerState = {
  status: "pending",
  statusSince: null,
  calendarState: null,
  calendarStateSince: null,
  provider: null,
  lastBookedAt: null,
  eventId: null,
};

type Change = Partial<Omit<CustomerState, "eventId">>;

function toChange(state: CustomerState | undefined, at: string, body: EventBody): Change | undefined {
  switch (body.kind) {
    case "link_issued":
      return state === undefined || state.status === "disconnected"
        ? { status: "pending", statusSince: at }
        : undefined;
    case "link_revoked":
      return body.data.because === "disconnected" && state?.status === "pending"
        ? { status: "disconnected", statusSince: at }
        : undefined;
    case "connected":
      return {
        ...{ status: "connected", statusSince: at, provider: body.data.provider },
        ...{ calendarState: "unknown", calendarStateSince: null },
      };
    case "reconnect_required":
      return {
        ...{ status: "reconnect_required", statusSince: at, provider: body.data.provider },
        // It isn't read until the business has connected it again.
        ...{ calendarState: "unknown", calendarStateSince: null },
      };
    case "disconnected":
      return {
        ...{ status: "disconnected", statusSince: at, provider: null },
        ...{ calendarState: null, calendarStateSince: null },
      };
    case "calendar_state_changed":
      return { calendarState: body.data.state, calendarStateSince: body.data.since };
    case "booked":
      return { lastBookedAt: at };
    case "calendar_answered":
      return { calendarState: "ok", calendarStateSince: body.data.since };
    // The state stays as it is. Whoever watches the link is shown how the attempt ended.
    case "consent_access_denied":
    case "consent_scope_missing":
    case "consent_wrong_account":
    case "consent_no_refresh_token":
    case "consent_wrong_provider":
    case "consent_exchange_failed":
      return state && {};
    default:
      return undefined;
  }
}
