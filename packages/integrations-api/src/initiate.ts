import { z } from "zod";
import { metadata, organizationId, providerName, userId } from "./integrations.ts";

/** `POST /integrations/oauth/initiate` */
export const initiateRequest = z.strictObject({
  userId,
  organizationId: organizationId.nullish(),
  provider: providerName,
  redirectUri: z.string().max(2_000).meta({
    description: "Where the browser ends: one of ALLOWED_REDIRECT_URIS, to the letter.",
  }),
  metadata: metadata.optional().meta({
    description:
      "The caller's own. Of Shopify `shop`, of WooCommerce `store`, of Salesforce `login_host` are read here.",
  }),
  capabilities: z.array(z.string().max(50)).max(20).optional().meta({
    description:
      "What the connection is for, which decides its scopes. Default: everything that the provider has here.",
  }),
  integrationId: z
    .uuid()
    .optional()
    .meta({
      description:
        "The integration that is to be connected again, of the same owner and provider: what was given for it before " +
        "(its shop, its store, its login_host) and granted to it is asked for, unless this request says otherwise.",
    }),
  loginHint: z
    .string()
    .max(254)
    .optional()
    .meta({ description: "The address of the account that is expected." }),
});

export const initiatedConsent = z.object({
  authorizationUrl: z.url().meta({
    description: "For the browser of the person who consents. It goes on to the provider, and counts once.",
  }),
  state: z.string(),
});
export type InitiatedConsent = z.output<typeof initiatedConsent>;
