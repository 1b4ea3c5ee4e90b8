import { z } from "zod";

/** What accounts there are for. */
export const providerCategories = ["social", "shops", "marketing", "payments", "messages", "mail"] as const;
export type ProviderCategory = (typeof providerCategories)[number];

/** An entry of `GET /integrations/providers`. */
export const providerView = z.object({
  provider: z.string().meta({ example: "META_ADS" }),
  name: z.string().meta({ example: "Meta Ads" }),
  category: z.enum(providerCategories),
  kind: z.enum(["authorization_code", "key_delivery", "api_key", "hook_url"]).meta({
    description: "How an account is connected.",
  }),
  capabilities: z.array(
    z.object({
      name: z.string().meta({ example: "campaigns" }),
      level: z.enum(["connected", "acted on"]).meta({
        description: "`connected`: account, tokens and health. `acted on`: Cita does it.",
      }),
      scopes: z.array(z.string()),
    }),
  ),
  inputs: z.array(z.object({ name: z.string(), expected: z.string(), isRequired: z.boolean() })).meta({
    description: "What the person is asked, unless `metadata` has it: a shop, an instance, a key.",
  }),
  revocation: z
    .enum(["token", "grant", "uninstall"])
    .nullable()
    .meta({
      description:
        "What a revocation ends there. `token`: that access. `grant`: every access of the account to our client. " +
        "`uninstall`: our app is removed from the account. null: there is none.",
    }),
  accessPage: z
    .url()
    .nullable()
    .meta({ description: "Where people end an access at the provider themselves." }),
  configured: z.boolean(),
  variables: z.array(z.string()).meta({ description: "What an operator sets for it." }),
});
export type ProviderView = z.output<typeof providerView>;
