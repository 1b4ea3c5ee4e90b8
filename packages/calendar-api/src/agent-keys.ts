import { z } from "zod";

/**
 * The keys that agents call `/mcp` with: `/customers/:customer_id/agent-keys` for those of one customer,
 * `/agent-keys` for the platform's, whose holders may act for every customer. Below both the same:
 * `GET`, `POST`, and `DELETE /:key_id`. A key itself is shown once, by the answer that made it.
 */

/** Whose agents may carry a key: one customer's, or those of the platform, which serves all of them. */
export type AgentKeyOwner = { readonly customerId: string } | "platform";

const agentKeyAudiences = ["business", "attendee"] as const;
/** Whom the holder of a key serves: the business itself, or one of its customers at a time. */
export type AgentKeyAudience = (typeof agentKeyAudiences)[number];

/** The id of a key. It stands in a path, so that it arrives as text. */
export const agentKeyId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** `POST …/agent-keys`: a key for the agents of a customer, or of the platform. */
export const createAgentKeyRequest = z.strictObject({
  name: z.string().trim().min(1, "must not be empty").max(100).meta({
    description: "What you know it by: who carries it, and where. Never put the key itself in here.",
    example: "WhatsApp bot",
  }),
  audience: z
    .enum(agentKeyAudiences)
    .default("business")
    .meta({
      description:
        "business: the owner's own assistant, which sees and cancels everybody's appointments. attendee: a bot that " +
        "the public writes to. It has to name the person of each call in X-Attendee-Phone or X-Attendee-Ref, and " +
        "reaches that person's appointments only.",
      example: "attendee",
    }),
  expires_in_days: z.number().int().min(1).max(3_650).optional().meta({
    description: "After so many days it stops working. Left out: it works until you revoke it.",
    example: 365,
  }),
});
export type CreateAgentKeyRequest = z.input<typeof createAgentKeyRequest>;

/** A key as it is shown after it was made: by its name and last characters, never whole. */
export const agentKeyView = z.object({
  key_id: z.number().int(),
  name: z.string(),
  audience: z.enum(agentKeyAudiences).meta({ description: "Keys from before audiences are the business's." }),
  last_characters: z.string().meta({ description: "The last four of the key, to recognise it by." }),
  state: z.enum(["live", "revoked", "expired"]),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().meta({
    description: "Correct to the hour. null: it was never used.",
  }),
  revoked_at: z.iso.datetime().nullable(),
});
export type AgentKeyView = z.infer<typeof agentKeyView>;

/** The answer that made a key, and the only one that holds it. */
export const newAgentKeyView = agentKeyView.extend({
  key: z.string().meta({ description: "Keep it now: it is stored hashed, and can't be shown again." }),
});
export type NewAgentKeyView = z.infer<typeof newAgentKeyView>;

/** `GET …/agent-keys`: the keys of an owner, revoked and expired ones too. */
export const agentKeysResponse = z.object({
  agent_keys: z.array(agentKeyView).meta({ description: "Live ones first, the newest first; at most 100." }),
});
export type AgentKeysResponse = z.infer<typeof agentKeysResponse>;
