import { z } from "zod";
import { hasLetterOrDigit, toVisibleText } from "./visible-text.ts";

/**
 * mcp-calendar's management API: what admin-api may ask of it. Both sides are typed by this file,
 * the server validates with it, and it never carries a token of a provider.
 */

export const customerId = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/,
    "must be 1 to 64 of A-Z a-z 0-9 . _ - and not only a dot or two",
  )
  .meta({ description: "Your id of the customer.", example: "barberia-luna" });

/** What a business is called, on one line. Characters that show nothing are left out. */
export const customerName = z
  .string("must be a text")
  .trim()
  .min(1, "must not be empty")
  .refine((text) => !/[\n\v\f\r\u0085\u2028\u2029]/.test(text), "must be one line")
  .overwrite(toVisibleText)
  .refine(hasLetterOrDigit, "must have a letter or a digit that can be seen")
  .max(200);

export const connectionStatuses = ["pending", "connected", "reconnect_required", "disconnected"] as const;

/** `POST /oauth/authorize`: the consent link of a customer. Asking again returns the same live link. */
export const authorizeRequest = z.strictObject({
  customer_id: customerId,
  customer_email: z.email("must be an e-mail address").max(254).optional(),
  customer_name: customerName.optional(),
  renew: z.boolean().optional(),
  any_account: z.boolean().optional(),
});
export type AuthorizeRequest = z.infer<typeof authorizeRequest>;

export const authorizeResponse = z.object({
  authorization_url: z.url(),
  shareable_link: z.url(),
  expires_at: z.iso.datetime(),
  /** Of the customer's connection, as `connectionSummary` has it: asking for a link disconnects nobody. */
  status: z.enum(connectionStatuses),
});
export type AuthorizeResponse = z.infer<typeof authorizeResponse>;

/** How the last trip of a browser to the provider ended. */
export const connectionOutcomes = [
  "connected",
  "access_denied",
  "scope_missing",
  "wrong_account",
  "no_refresh_token",
  "exchange_failed",
] as const;

/** Whether the calendar of a connection answers; whether we may ask it is the connection's `status`. */
export const calendarStateView = z.object({
  state: z.enum(["ok", "unreadable", "refused", "not_found", "unreachable", "unknown"]),
  calendar: z
    .string()
    .optional()
    .meta({ description: "The id of the calendar that it is about; left out: the whole account." }),
  since: z.iso.datetime().nullable().meta({ description: "null: it isn't known yet." }),
  message: z.string().meta({ description: "What it is, since when, and what to do." }),
});
export type CalendarStateView = z.infer<typeof calendarStateView>;

export const connectionSummary = z.object({
  customer_id: customerId,
  status: z.enum(connectionStatuses),
  calendar_email: z.string().nullable(),
  connected_at: z.iso.datetime().nullable(),
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
  /** Only a live link is shown; the others lead nowhere. */
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

/** `GET /customers/:customer_id/connection` */
export const connectionView = connectionSummary.extend({
  link: linkView.nullable(),
  stranded_bookings: z.number().int().meta({
    description:
      "How many bookings ahead are in the calendar of an account that isn't connected any more: see them with `status=stranded`.",
  }),
});
export type ConnectionView = z.infer<typeof connectionView>;

/** `POST /connections/query`: the state of many customers at once; those never seen are left out. */
export const summariesRequest = z.strictObject({
  // Counted before each is looked at.
  customer_ids: z.array(z.unknown()).max(500).pipe(z.array(customerId)),
});
export const summariesResponse = z.object({ connections: z.array(connectionSummary) });

/** `DELETE /customers/:customer_id/connection` */
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

/** A free time, in words too. */
const alternative = z.object({
  start: z.iso.datetime({ offset: true }),
  weekday: z.string(),
  label: z.string(),
});
export type Alternative = z.infer<typeof alternative>;

/** Fastify's shape, everywhere. `code` is stable; `message` is for people. */
export const errorResponse = z.object({
  statusCode: z.number().int(),
  code: z.string(),
  error: z.string(),
  message: z.string(),
  /** Where a body can have several: each one, beginning with the member it is about. */
  problems: z.array(z.string()).optional(),
  /** Where a time can't be booked: the nearest that can. */
  alternatives: z.array(alternative).optional(),
});
