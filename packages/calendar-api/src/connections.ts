import { z } from "zod";
import { customerId, customerName } from "./customer.ts";

/**
 * Whether we may call a customer's calendar. Without a connection the newest link decides: `pending` where it is live or
 * expired, `disconnected` where it was used or revoked.
 */
const connectionStatuses = ["pending", "connected", "reconnect_required", "disconnected"] as const;

/** The id of a provider. Which ones are configured is known to the calendar service. */
const providerId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "must be the id of a provider, such as google");

/**
 * `POST /oauth/authorize`: the consent link of a customer. A repeated request returns the live link, updated with the
 * members that the request has. `renew: true` replaces the link.
 */
export const authorizeRequest = z.strictObject({
  customer_id: customerId,
  customer_email: z.email("must be an e-mail address").max(254).optional(),
  customer_name: customerName.optional(),
  /** Left out: the business chooses, where several providers are configured. */
  provider: providerId.optional(),
  renew: z.boolean().optional(),
  any_account: z.boolean().optional(),
});
export type AuthorizeRequest = z.infer<typeof authorizeRequest>;

/** The live link: `shareable_link` is the link's page, `authorization_url` redirects to the provider at once. */
export const authorizeResponse = z.object({
  authorization_url: z.url(),
  shareable_link: z.url(),
  expires_at: z.iso.datetime(),
  /** The status of the customer's connection. Requesting a link doesn't change it. */
  status: z.enum(connectionStatuses),
});
export type AuthorizeResponse = z.infer<typeof authorizeResponse>;

/** How an attempt to consent ended. */
const connectionOutcomes = [
  "connected",
  "access_denied",
  "scope_missing",
  "wrong_account",
  "no_refresh_token",
  "wrong_provider",
  "exchange_failed",
] as const;

/** Whether the calendar of a connection answers. Whether it may be called is the connection's `status`. */
const calendarStateView = z.object({
  state: z.enum(["ok", "unreadable", "refused", "not_found", "unreachable", "unknown"]),
  calendar: z
    .string()
    .optional()
    .meta({ description: "The id of the calendar that it is about; left out: the whole account." }),
  since: z.iso.datetime().nullable().meta({ description: "null: it isn't known yet." }),
  message: z.string().meta({ description: "What it is, since when, and what to do." }),
});
export type CalendarStateView = z.infer<typeof calendarStateView>;

/** One customer's connection, as in lists. */
export const connectionSummary = z.object({
  customer_id: customerId,
  status: z.enum(connectionStatuses),
  provider: z.string().nullable().meta({
    description: "Where the connected account is, such as `google`. null: nothing is connected.",
  }),
  calendar_email: z.string().nullable(),
  connected_at: z.iso.datetime().nullable(),
  access_ends_at: z.iso.datetime().nullable().meta({
    description:
      "When the access ends by itself, as where the business has granted it for some days only: it has to connect again then. null: not known, or never.",
  }),
  reconnect_required_since: z.iso.datetime().nullable(),
  reconnect_reason: z.string().nullable(),
  reconnect_message: z
    .string()
    .nullable()
    .meta({ description: "Why the connection was probably lost, and what to do." }),
  reconnect_link: z.url().nullable().meta({
    description:
      "Paste this one into WhatsApp: it takes the account that was connected, and no other. null: the connection isn't lost, or no live link is left; asking for a link (`connect`) makes one.",
  }),
  calendar_state: calendarStateView.nullable().meta({
    description:
      "Whether the calendar answers. A change is noticed within 15 minutes, also where nobody calls. null: nothing is connected.",
  }),
});
export type ConnectionSummary = z.infer<typeof connectionSummary>;

const linkView = z.object({
  state: z.enum(["live", "used", "expired", "revoked"]),
  /** Null for a link that isn't live. */
  authorization_url: z.url().nullable(),
  shareable_link: z.url().nullable(),
  expires_at: z.iso.datetime(),
  last_attempt: z
    .object({
      outcome: z.enum(connectionOutcomes),
      at: z.iso.datetime(),
      account_email: z.string().nullable(),
      message: z.string(),
    })
    .nullable(),
});

/** `GET /customers/:customer_id/connection`: the summary with the newest link and its last attempt. */
export const connectionView = connectionSummary.extend({
  link: linkView.nullable(),
  stranded_bookings: z.number().int().meta({
    description:
      "How many bookings ahead are in the calendar of an account that isn't connected any more: see them with `status=stranded`.",
  }),
});
export type ConnectionView = z.infer<typeof connectionView>;

/** `POST /connections/query`: the summaries of many customers. */
export const summariesRequest = z.strictObject({
  // The length is checked before the ids are.
  customer_ids: z.array(z.unknown()).max(500).pipe(z.array(customerId)),
});
/** In the order of the request, without unknown customers. */
export const summariesResponse = z.object({ connections: z.array(connectionSummary) });

/** `POST /internal/accounts/query`: whether any customer's connection lives by an account's consent to a client. */
export const accountQuery = z.strictObject({
  provider: z.string().min(1).max(40),
  client_id: z.string().min(1).max(500),
  /** The provider's own id of the account. */
  account_id: z.string().min(1).max(500),
  /** Finds connections that were stored before they had the account's id. null: not known. */
  email: z.string().max(320).nullable(),
});
export type AccountQuery = z.input<typeof accountQuery>;
export const accountAnswer = z.object({ is_connected: z.boolean() });

/** `DELETE /customers/:customer_id/connection`: the grant and the live link are revoked, the tokens deleted. */
export const disconnectResponse = z.object({
  customer_id: customerId,
  /** False: there was nothing to disconnect. */
  disconnected: z.boolean(),
  /** Whether the provider confirmed the revocation. */
  revoked_at_provider: z.boolean(),
  /** Why not, where it didn't. */
  note: z.string().nullable(),
});
export type DisconnectResponse = z.infer<typeof disconnectResponse>;
