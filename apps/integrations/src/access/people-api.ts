import { requestIdHeaders } from "@cita/process";
import { z } from "zod";
import { IntegrationError } from "../answers/integration-error.ts";
import { type BelongsTo, roles } from "./caller.ts";

/** By what somebody is known who is signed in at admin-api. A ticket is used up. */
export type SessionProof =
  | { readonly cookie: string }
  | { readonly ticket: string }
  | { readonly session_id: string };

/** Who is signed in: a user, or a business's owner. */
export type SignedIn = z.output<typeof signedIn>;

/** What admin-api knows of people. Every call throws IntegrationError `UNAVAILABLE` where it doesn't answer. */
export type PeopleApi = {
  readonly belongsTo: BelongsTo;
  /** Who of some users belongs to which of some customers: tells of a user and a customer. At most 500 of each. */
  membershipsAmong(
    userIds: readonly string[],
    customerIds: readonly string[],
  ): Promise<(userId: string, customerId: string) => boolean>;
  /** Whose session it is; undefined where it has ended, or there is none. */
  findSignedIn(proof: SessionProof): Promise<SignedIn | undefined>;
};

const belonging = z.object({ belongs: z.boolean() });
const members = z.object({
  memberships: z.array(z.object({ user_id: z.string(), customer_ids: z.array(z.string()) })),
});

const user = z
  .object({ kind: z.literal("user"), user_id: z.string(), role: z.enum(roles), session_id: z.string() })
  .transform(({ kind, role, user_id: userId, session_id: sessionId }) => ({ kind, role, userId, sessionId }));
const owner = z
  .object({ kind: z.literal("owner"), customer_id: z.string(), session_id: z.string() })
  .transform(({ kind, customer_id: customerId, session_id: sessionId }) => ({ kind, customerId, sessionId }));
const signedIn = z.union([user, owner]);
const viewers = z.object({ viewer: signedIn.nullable() });

/** @param timeoutMs of one request. Default: 3,000. */
export function createPeopleApi(config: {
  readonly adminUrl: string;
  readonly serviceKey: string;
  readonly timeoutMs?: number;
}): PeopleApi {
  const { adminUrl, serviceKey, timeoutMs = 3_000 } = config;

  async function ask<Answer>(answer: z.ZodType<Answer>, path: string, body?: object): Promise<Answer> {
    try {
      const response = await fetch(`${adminUrl}/internal/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...requestIdHeaders(),
          authorization: `Bearer ${serviceKey}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status !== 200) throw new Error(`admin-api has answered ${response.status}`);
      return answer.parse(await response.json());
    } catch (cause) {
      const message = "The service that knows who belongs to whom doesn't answer. Try again in a moment.";
      throw new IntegrationError("UNAVAILABLE", message, { cause });
    }
  }

  return {
    async belongsTo(userId, customerId) {
      const query = new URLSearchParams({ user_id: userId, customer_id: customerId });
      return (await ask(belonging, `memberships?${query}`)).belongs;
    },

    async membershipsAmong(userIds, customerIds) {
      const asked = { user_ids: userIds, customer_ids: customerIds };
      const { memberships } = await ask(members, "memberships/query", asked);
      const found = new Map(memberships.map((one) => [one.user_id, new Set(one.customer_ids)]));
      return (userId, customerId) => found.get(userId)?.has(customerId) === true;
    },

    async findSignedIn(proof) {
      return (await ask(viewers, "viewers", proof)).viewer ?? undefined;
    },
  };
}
