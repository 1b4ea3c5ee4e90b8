import type { AgentKeyStore } from "@cita/agent-keys";
import type { ActivityPage } from "@cita/calendar-api";
import { type EventBody, readEvent, type StoredEvent } from "@cita/events";
import type { ExplainLoss } from "@cita/providers";
import type { AttemptOutcome, CalendarState, TokenStore } from "@cita/token-store";
import type { ExplainState } from "../calendar-states/explain-state.ts";

/** Where what events don't hold is looked up: addresses, names, and calendars, as long as they are stored. */
export type ActivityLookUps = {
  readonly store: TokenStore;
  readonly agentKeys: Pick<AgentKeyStore, "describe">;
  readonly explainLoss: ExplainLoss;
  readonly explainState: ExplainState;
};

export type Shown = {
  readonly attempts: readonly AttemptOutcome[];
  readonly keys: ReadonlyMap<number, { readonly name: string; readonly lastCharacters: string }>;
  readonly states: ReadonlyMap<string, CalendarState>;
  readonly explainLoss: ExplainLoss;
  readonly explainState: ExplainState;
};

type Detail = ActivityPage["activity"][number]["detail"];
type EventOf<Kind extends EventBody["kind"]> = Extract<EventBody, { kind: Kind }>;
type Happened<Body extends EventBody> = Pick<StoredEvent, "at" | "customerId"> & Body;

/** One query for each kind of thing that the events of a page name. */
export async function findShown(
  { store, agentKeys, explainLoss, explainState }: ActivityLookUps,
  events: readonly StoredEvent[],
): Promise<Shown> {
  const linkIds = new Set<number>();
  const keyIds = new Set<number>();
  const customerIds = new Set<string>();
  for (const event of events) {
    const body = readEvent(event);
    if (body === undefined) continue;
    if ("attempt_id" in body.data) linkIds.add(body.data.link_id);
    if ("key_id" in body.data) keyIds.add(body.data.key_id);
    if (body.kind === "calendar_state_changed" && body.data.one_calendar)
      customerIds.add(event.customerId ?? "");
  }
  const keys = keyIds.size === 0 ? [] : await agentKeys.describe([...keyIds]);
  const statuses = await store.connections.statuses([...customerIds]);
  return {
    attempts: linkIds.size === 0 ? [] : await store.consentLinks.outcomes([...linkIds]),
    keys: new Map(keys.map((key) => [key.id, key])),
    ...{ explainLoss, explainState },
    states: new Map(statuses.map(({ customerId, calendarState }) => [customerId, calendarState])),
  };
}

/** What admins are told of an event, in words and with what was looked up. */
export function toDetail(event: Happened<EventBody>, shown: Shown): Detail {
  switch (event.kind) {
    case "connected":
    case "consent_access_denied":
    case "consent_scope_missing":
    case "consent_wrong_account":
    case "consent_no_refresh_token":
    case "consent_wrong_provider":
    case "consent_exchange_failed":
    case "consent_link_used":
    case "consent_link_expired":
    case "consent_link_revoked":
      return {
        ...{ link_id: event.data.link_id, provider: event.data.provider },
        account_email: findAccount(event, shown.attempts),
      };
    case "reconnect_required":
      return {
        ...{ provider: event.data.provider, reason: event.data.reason },
        message: explainLostConnection(event, shown.explainLoss),
      };
    case "disconnected":
      return { provider: event.data.provider, revoked_at_provider: event.data.revoked };
    case "calendar_state_changed":
      return toStateDetail(event, shown.states.get(event.customerId ?? ""), shown.explainState);
    case "cancellations_stopped":
      return { ...event.data, message: cancellationsStopped };
    case "agent_key_created":
    case "agent_key_revoked": {
      const { key_id, ...others } = event.data;
      const key = shown.keys.get(key_id);
      return { key_id, name: key?.name ?? null, last_characters: key?.lastCharacters ?? null, ...others };
    }
    default:
      return event.data;
  }
}

const cancellationsStopped =
  "So many appointments were cancelled within an hour by calls that serve single persons that no more are " +
  "cancelled for now. Look who they were; an agent key of audience business still cancels.";

/** Events from before 0.2.0 don't name their attempt: the link's last one with that outcome is meant. */
function findAccount(
  { kind, data }: EventOf<"connected" | (`consent_${string}` & EventBody["kind"])>,
  attempts: readonly AttemptOutcome[],
): string | null {
  const outcome = kind === "connected" ? kind : kind.slice("consent_".length);
  const found = attempts.findLast(({ id, linkId, outcome: ended }) =>
    data.attempt_id === null ? linkId === data.link_id && ended === outcome : id === data.attempt_id,
  );
  return found?.accountEmail ?? null;
}

function explainLostConnection(
  { at, data }: Happened<EventOf<"reconnect_required">>,
  explainLoss: ExplainLoss,
): string {
  const { provider, reason, connected_at, token_expiry, message = reason } = data;
  if (connected_at === undefined || token_expiry === undefined) return message;
  const lost = {
    provider,
    connectedAt: new Date(connected_at),
    tokenExpiry: new Date(token_expiry),
    reconnectRequiredSince: new Date(at),
    reconnectReason: reason,
  };
  return explainLoss(lost) ?? reason;
}

/** @param present the calendar's state now, which names the calendar where it is still the one of the event. */
function toStateDetail(
  { data }: EventOf<"calendar_state_changed">,
  present: CalendarState | undefined,
  explainState: ExplainState,
): Detail {
  const { provider, state, since, reason, one_calendar, message } = data;
  const isPresent = present?.name === state && (present.since?.toISOString() ?? null) === since;
  const calendar = one_calendar && isPresent ? present.calendar : null;
  if (one_calendar && calendar === null) return { provider, state, message: ofOneCalendar };
  const explained = {
    name: state,
    since: since === null ? null : new Date(since),
    calendar,
    reason,
    span: null,
  };
  return {
    ...{ provider, state },
    ...(calendar !== null && { calendar }),
    message: message ?? explainState(provider, explained),
  };
}

const ofOneCalendar =
  "It was about one of the calendars that the schedule named in busy_calendars. Which one is only kept while it is so.";
