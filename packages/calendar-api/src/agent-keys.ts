/**
 * The keys with which agents call `/mcp`: those of one customer at `/customers/:customer_id/agent-keys`, the platform's,
 * which may act for every customer, at `/agent-keys`. Both have `GET`, `POST` and `DELETE /:key_id`. The key itself is
 * only in the response of `POST`.
 */

import { z } from "zod";
import { wholeNumber } from "./url-values.ts";

/** Whose agents may use a key: one customer's, or the platform's, which serve every customer. */
export type AgentKeyOwner = { readonly customerId: string } | "platform";

const agentKeyAudiences = ["business", "attendee"] as const;
/** Whom the holder of a key serves: the business itself, or one of its customers at a time. */
export type AgentKeyAudience = (typeof agentKeyAudiences)[number];

/** The id of a key, of the text of a path. */
export const agentKeyId = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** The body of `POST …/agent-keys`. */
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

/** A key without the key itself: its name and last characters tell it apart. */
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

/** The response of `POST …/agent-keys`, the only one that has the key. */
export const newAgentKeyView = agentKeyView.extend({
  key: z.string().meta({ description: "Keep it now: it is stored hashed, and can't be shown again." }),
});
export type NewAgentKeyView = z.infer<typeof newAgentKeyView>;

/** The response of `GET …/agent-keys`: an owner's keys, including revoked and expired ones. */
export const agentKeysResponse = z.object({
  agent_keys: z.array(agentKeyView).meta({ description: "Live ones first, the newest first; at most 100." }),
});
export type AgentKeysResponse = z.infer<typeof agentKeysResponse>;
