import { customerId } from "@cita/calendar-api";
import { z } from "zod";
import { roles } from "../access/caller.ts";
import type { User } from "./user.ts";

const languages = ["es", "en", "pt"] as const;

export const email = z.email("must be an e-mail address").max(254).meta({ example: "ana@example.com" });
const name = z.string().trim().min(1, "must not be empty").max(200).meta({ example: "Ana Pérez" });
const password = z.string().max(1_000).meta({ description: "8 characters or more, and not to be guessed." });
const oneTimeToken = z.string().max(200).meta({ description: "From the link." });
const role = z.enum(roles).meta({
  description:
    "`admin`: everything. `member`: the customers they belong to. `viewer`: the same, reading only.",
});
const avatarUrl = z
  .url({ protocol: /^https$/, error: "must be an https URL" })
  .max(500)
  .nullable();

export const userView = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  avatar_url: z.string().nullable(),
  role,
  is_active: z.boolean(),
  language: z.enum(languages).nullable(),
  email_notifications: z.boolean(),
  has_totp: z.boolean().meta({ description: "Whether a code is asked for beside the password." }),
  joined_at: z.iso.datetime().nullable().meta({ description: "null: the invitation isn't accepted yet." }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export function toUserView(user: User): z.input<typeof userView> {
  return {
    ...{ id: user.id, email: user.email, name: user.name, avatar_url: user.avatarUrl, role: user.role },
    ...{ is_active: user.isActive, email_notifications: user.emailNotifications, has_totp: user.hasTotp },
    language: languages.find((one) => one === user.language) ?? null,
    ...{ joined_at: user.joinedAt, created_at: user.createdAt, updated_at: user.updatedAt },
  };
}

export const meResponse = z.object({ user: userView });

const tokenFields = {
  access_token: z.string().meta({ description: "A JWT, to be sent as Authorization: Bearer." }),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int().meta({ description: "Seconds.", example: 900 }),
  refresh_token: z.string().meta({ description: "Good for one refresh, within 7 days." }),
};
export const tokensResponse = z.object(tokenFields);
export const signedInResponse = z.object({ user: userView, ...tokenFields });

export const registerRequest = z.strictObject({ token: oneTimeToken, name, password });
export const loginRequest = z.strictObject({
  email: z.string().max(254).meta({ example: "ana@example.com" }),
  password: z.string().max(1_000),
  totp: z
    .string()
    .max(40)
    .optional()
    .meta({ description: "A code of the authenticator, or a recovery code." }),
});
export const linkRequest = z.strictObject({ token: oneTimeToken });
/** A business's owner has the panel's cookie, and no tokens. */
export const byLinkResponse = z.union([signedInResponse, z.object({ customer_id: customerId })]);
export const refreshRequest = z.strictObject({ refresh_token: z.string().max(2_000) });
export const profileRequest = z.strictObject({
  name: name.optional(),
  avatar_url: avatarUrl.optional(),
  language: z.enum(languages).nullable().optional(),
  email_notifications: z.boolean().optional(),
  current_password: z.string().max(1_000).optional().meta({ description: "Goes with `password`." }),
  password: password.optional().meta({ description: "Another one. All other sessions are ended." }),
});
export const forgotRequest = z.strictObject({ email });
export const forgotResponse = z.object({
  message: z.string().meta({ example: "If there is somebody with this address, a mail is on its way." }),
});
export const resetRequest = z.strictObject({ token: oneTimeToken, password });

export const totpSetupResponse = z.object({
  secret: z.string().meta({ description: "Base32, to be typed where the QR code can't be read." }),
  uri: z.string().meta({ description: "What the QR code says." }),
  setup_token: z.string(),
});
export const totpEnableRequest = z.strictObject({
  setup_token: z.string().max(2_000),
  code: z.string().max(40),
  current_password: z.string().max(1_000).optional().meta({ description: "Where there is a password." }),
});
export const totpEnabledResponse = z.object({
  recovery_codes: z
    .array(z.string())
    .meta({ description: "Each counts once, when the authenticator is lost." }),
});
export const totpDisableRequest = z.strictObject({ code: z.string().max(40) });

export const ofUser = z.object({ user_id: z.uuid() });
/** That are assigned with one request. */
export const maxCustomersOfUser = 1_000;
const customerIds = z.array(customerId).max(maxCustomersOfUser);
export const inviteRequest = z.strictObject({
  email,
  name: name.optional(),
  role,
  customer_ids: customerIds.optional().meta({ description: "For members and viewers." }),
});
export const changeUserRequest = z.strictObject({
  role: role.optional(),
  is_active: z.boolean().optional(),
  customer_ids: customerIds.optional(),
});
export const personView = userView.extend({ customer_ids: customerIds });
export const usersQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .max(400)
    .optional()
    .transform((cursor) => cursor && Buffer.from(cursor, "base64url").toString())
    .refine((after) => after === undefined || !/\p{Cc}/u.test(after), "no page has returned it"),
  q: z.string().trim().max(100).optional(),
});
export const usersResponse = z.object({ users: z.array(userView), next_cursor: z.string().nullable() });
export const linkView = z.object({
  url: z.url().nullable().meta({ description: "null: it was sent by mail, and nobody else sees it." }),
  sent: z.boolean().meta({ description: "Whether it was sent by mail." }),
  expires_at: z.iso.datetime(),
});
export const invitedResponse = z.object({ user: personView, link: linkView });
export const makeLinkRequest = z.strictObject({ kind: z.enum(["invitation", "reset", "sign_in"]) });

export const streamTicketResponse = z.object({
  ticket: z.string(),
  expires_in: z.number().int().meta({ description: "In seconds." }),
});
