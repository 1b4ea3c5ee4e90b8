import {
  authorizeRequest,
  connectionSummary,
  connectionView,
  customerId,
  customerName,
  customerRemoval,
  disconnectResponse,
  pageLimit,
} from "@cita/calendar-api";
import { parsePhoneNumber } from "@cita/phone-numbers";
import { z } from "zod";

const customerFields = {
  customer_id: customerId,
  customer_email: z
    .email("must be an e-mail address")
    .max(254)
    .meta({ description: "The account that has to consent.", example: "luna@example.com" }),
  customer_name: z.string().meta({
    description: "What the business is called; it stands on its link page.",
    example: "Barbería Luna",
  }),
};

const phoneExample = "+573001234567";

const customerPhone = z
  .string("must be a text")
  .refine(
    (text) => parsePhoneNumber(text) !== undefined,
    "must be a phone number with its country code, such as +57 300 123 4567",
  )
  .overwrite((text) => parsePhoneNumber(text) ?? text);

export const connectRequest = z.strictObject({
  ...customerFields,
  customer_phone: customerPhone.nullable().optional().meta({
    description:
      "The number that its link is sent to, by WhatsApp, in any spelling with the country code. null: none; left out: as it was.",
    example: "+57 300 123 4567",
  }),
  customer_name: customerName.meta(customerFields.customer_name.meta() ?? {}),
  provider: authorizeRequest.shape.provider.meta({
    description:
      "Where the business has its calendar, such as google. Left out: it chooses, where several providers are configured.",
    example: "google",
  }),
  renew: authorizeRequest.shape.renew.meta({
    description: "Replace the live link: the one sent before stops working.",
  }),
  any_account: authorizeRequest.shape.any_account.meta({
    description: "Accept whichever account consents, not only customer_email.",
  }),
});

const shownFields = {
  ...customerFields,
  customer_phone: z.string().nullable().meta({ description: "In E.164.", example: phoneExample }),
};

export const connectResponse = z.object({
  ...shownFields,
  calendar_connected: z.boolean(),
  authorization_url: z.url().meta({
    description: "Goes straight to the provider, or to the page where the business chooses one.",
    example: "https://cita.example/connect/…/google",
  }),
  shareable_link: z
    .url()
    .meta({ description: "Paste this one into WhatsApp.", example: "https://cita.example/connect/…" }),
  link_expires_at: z.iso.datetime(),
});

const connected = { calendar_connected: z.boolean() };

export const customerSummary = z.object({
  ...shownFields,
  ...connected,
  ...connectionSummary.shape,
  status_since: z.iso.datetime().nullable().meta({
    description: "Since when it has been in this status. null: not known, as for a moment after a change.",
  }),
  created_at: z.iso.datetime(),
});

export const customerDetails = customerSummary.extend({
  link: connectionView.shape.link,
  stranded_bookings: connectionView.shape.stranded_bookings,
});

export const listQuery = z.strictObject({
  limit: pageLimit(50),
  cursor: z.string().max(200).optional().meta({ description: "next_cursor of the page before." }),
  status: connectionSummary.shape.status.optional().meta({ description: "Only customers in this status." }),
  calendar_state: connectionSummary.shape.calendar_state
    .unwrap()
    .shape.state.optional()
    .meta({ description: "Only customers whose calendar is in this state." }),
  q: z.string().trim().max(100).optional().meta({
    description: "Only customers with this text in their id, name or address.",
    example: "luna",
  }),
});

export const listResponse = z.object({
  customers: z.array(customerSummary),
  next_cursor: z.string().nullable().meta({ description: "null: this was the last page." }),
});

export const disconnectedResponse = z.object({
  customer_id: customerId,
  ...connected,
  disconnected: disconnectResponse.shape.disconnected,
  revoked_at_provider: disconnectResponse.shape.revoked_at_provider,
  note: disconnectResponse.shape.note,
});

export const removedCustomer = z.object({
  customer_id: customerId,
  revoked_at_provider: customerRemoval.shape.revoked_at_provider,
  note: customerRemoval.shape.note,
  removed: customerRemoval.shape.removed
    .extend({ customers: z.number().int(), integrations: z.number().int().optional() })
    .meta({
      description: "How many rows of each kind. `integrations` only where there is an integration service.",
    }),
});

export const ofCustomer = z.object({ customer_id: customerId });
