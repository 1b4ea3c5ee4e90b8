import { z } from "zod";

const time = z.iso.datetime({ offset: true });
const linkId = z.number().int();
const provider = z.string();

/** `attempt_id`: the row with the account that was chosen. null: the event is from before 0.2.0. */
const attempt = z.object({ link_id: linkId, provider, attempt_id: z.number().int().nullable() });

/** By a tool call, by a request of admin-api, or by hand in the calendar itself. */
const changedBy = z.enum(["agent", "admin", "calendar"]);
export type ChangedBy = z.infer<typeof changedBy>;

const user = z.object({ user_id: z.string() });
const userWithRole = user.extend({ role: z.string() });

/** What admin-api records of those who sign in there. */
const kindsOfPeople = {
  user_invited: userWithRole,
  user_added: userWithRole,
  user_joined: user,
  user_activated: user,
  user_deactivated: user,
  user_removed: user,
  role_changed: userWithRole,
  memberships_changed: user,
  password_changed: user,
  signed_in: user.extend({ by: z.enum(["password", "google", "link"]) }),
  signed_out: user,
  /** null: there is nobody with the address, which isn't kept. */
  sign_in_failed: z.object({ user_id: z.string().nullable() }),
  second_factor_changed: user.extend({ enabled: z.boolean() }),
  /** A refresh token was used again, so the session was ended. */
  refresh_token_reused: user,
  /** `of`: what the link that was made is for. */
  link_made: z.object({
    user_id: z.string().nullable(),
    of: z.enum(["invitation", "reset", "sign_in", "owner"]),
  }),
  owner_signed_in: z.object({}),
  /** Without its id, since nothing of it is kept. */
  customer_removed: z.object({}),
} as const satisfies Record<string, z.ZodType>;

const integration = z.object({ integration_id: z.string(), user_id: z.string(), provider });

/** What the integration service records. An organization's integrations are events of that customer. */
const kindsOfIntegrations = {
  "integration.connected": integration.extend({ account_is_new: z.boolean() }),
  /** `revoked`: whether the provider has confirmed that the access is ended. */
  "integration.disconnected": integration.extend({ revoked: z.boolean() }),
  /** `is_lost`: only a new consent helps. `reason` is the provider's code, or ours. */
  "integration.error": integration.extend({ reason: z.string(), is_lost: z.boolean() }),
  "integration.synced": integration.extend({ action: z.string() }),
  /** Only whoever watches is told of it, so it is deleted after a day. */
  "integration.renewed": integration,
} as const satisfies Record<string, z.ZodType>;

const webhook = z.object({
  webhook_id: z.string(),
  delivery_id: z.string(),
  /** The public name of what was told. */
  event: z.string(),
  attempts: z.number().int(),
  /** Whose webhook it is, where it is no customer's. */
  user_id: z.string().nullable(),
});

/** What the integration service records of what it has told others. Nobody is told of these in turn. */
const kindsOfWebhooks = {
  "webhook.delivered": webhook,
  /** `reason` is a status, or our code. `is_disabled`: the webhook was deactivated by it. */
  "webhook.failed": webhook.extend({ reason: z.string(), is_disabled: z.boolean() }),
} as const satisfies Record<string, z.ZodType>;

/**
 * Every kind of event, with the schema of its data: ids, states, times and codes. Data never has a name, a phone number,
 * an address, a token or a link. A newer version may add members, which the schemas ignore. Optional members were not
 * written by every version.
 */
export const eventKinds = {
  link_issued: z.object({ link_id: linkId, expires_at: time }),
  /** The business has gone on to a provider from the link's page, for the first time. */
  link_opened: z.object({ link_id: linkId }),
  link_revoked: z.object({ link_id: linkId, because: z.enum(["renewed", "disconnected"]) }),
  consent_access_denied: attempt,
  consent_scope_missing: attempt,
  consent_wrong_account: attempt,
  consent_no_refresh_token: attempt,
  consent_wrong_provider: attempt,
  consent_exchange_failed: attempt,
  /** The link was over when the browser came back, or expected somebody else by then. */
  consent_link_used: attempt,
  consent_link_expired: attempt,
  consent_link_revoked: attempt,
  connected: attempt,
  /** `reason` is the provider's code. The times tell what the loss is probably due to. */
  reconnect_required: z.object({
    provider,
    reason: z.string(),
    connected_at: time.optional(),
    token_expiry: time.optional(),
    /** Events from before 0.2.0 have the sentence itself. */
    message: z.string().optional(),
  }),
  /** `revoked`: whether the provider has confirmed that the grant is ended. */
  disconnected: z.object({ provider, revoked: z.boolean() }),
  calendar_state_changed: z.object({
    provider,
    state: z.enum(["ok", "unreadable", "refused", "not_found", "unreachable", "unknown"]),
    since: time.nullable(),
    reason: z.string().nullable(),
    /** True: it is about one of several calendars, whose id may be an address and isn't kept here. */
    one_calendar: z.boolean(),
    /** Events from before 0.2.0 have the sentence itself. */
    message: z.string().optional(),
  }),
  /** The first successful reading after a consent. */
  calendar_answered: z.object({ provider, since: time }),
  booked: z.object({ booking_id: z.string(), service: z.string(), start: time, end: time }),
  rescheduled: z.object({ booking_id: z.string(), from: time, start: time, end: time, by: changedBy }),
  cancelled: z.object({ booking_id: z.string(), start: time, by: changedBy }),
  /** Another account was connected, and `count` bookings ahead are in the calendar of the account before. */
  bookings_stranded: z.object({ count: z.number().int() }),
  cancellations_stopped: z.object({ cancellations: z.number().int() }),
  /** `changed`: the members of the schedule, without their values. */
  schedule_changed: z.object({ changed: z.string() }),
  agent_key_created: z.object({
    key_id: z.number().int(),
    audience: z.enum(["business", "attendee"]),
    expires_at: time.nullable(),
  }),
  agent_key_revoked: z.object({ key_id: z.number().int() }),
  ...kindsOfPeople,
  ...kindsOfIntegrations,
  ...kindsOfWebhooks,
} as const satisfies Record<string, z.ZodType>;

export type EventKind = keyof typeof eventKinds;

/** The kinds of admin-api's own log. */
export const peopleKinds = Object.keys(kindsOfPeople) as readonly EventKind[];

/** The kinds of the integration service's own log. */
export const integrationKinds = Object.keys(kindsOfIntegrations) as readonly EventKind[];

/** The kinds that admins are shown as activity of the calendar service. */
export const activityKinds: readonly EventKind[] = (Object.keys(eventKinds) as EventKind[]).filter(
  (kind) =>
    !(kind in kindsOfWebhooks) &&
    ![...peopleKinds, ...integrationKinds, "calendar_answered", "link_opened"].includes(kind),
);

/** `kind` and `data` of an event. */
export type EventBody = { [Kind in EventKind]: BodyOf<Kind> }[EventKind];

type BodyOf<Kind extends EventKind> = {
  readonly kind: Kind;
  readonly data: z.output<(typeof eventKinds)[Kind]>;
};

export type NewEvent = EventBody & {
  /** null: it is about the platform itself, which serves all customers. */
  readonly customerId: string | null;
  /**
   * A unique name of what happened. Of events with the same name only the first is stored. For what isn't a deed that the
   * database does once, such as a limit that is met again and again.
   */
  readonly once?: string;
  /** Who asked for it, where that isn't who asks now. */
  readonly actor?: string | null;
};

/** An event as it is stored, perhaps by a newer version. */
export type StoredEvent = {
  /** Ascends. */
  readonly id: number;
  readonly at: string;
  readonly customerId: string | null;
  readonly kind: string;
  /** Who has asked for it: `program`, `user:<id>` or `owner:<customer_id>`; null: nobody, or it isn't known. */
  readonly actor: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** @returns undefined for an event of a kind, or with data, that this version doesn't know: to be passed over. */
export function readEvent({ kind, data }: { kind: string; data: unknown }): EventBody | undefined {
  if (!isKnown(kind)) return undefined;
  const parsed = eventKinds[kind].safeParse(data);
  return parsed.success ? ({ kind, data: parsed.data } as EventBody) : undefined;
}

/** Whether an event of a kind that this version knows hasn't the data of that kind. */
export function isMalformed(event: { kind: string; data: unknown }): boolean {
  return isKnown(event.kind) && readEvent(event) === undefined;
}

function isKnown(kind: string): kind is EventKind {
  return Object.hasOwn(eventKinds, kind);
}
