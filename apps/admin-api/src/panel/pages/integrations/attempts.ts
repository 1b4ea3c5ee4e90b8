import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

/** Where browsers come back to from the integration service, whatever was connected. */
export const returnPath = "/conexiones/vuelta";

/** What a consent was begun for. */
export type Attempt = {
  /** null: for the person who has begun it. */
  readonly customerId: string | null;
  /** The integration that is to be connected again; null: a new one. */
  readonly integrationId: string | null;
};

/** The longest that any provider's consent may take. */
const lifetimeSeconds = 3_600;

const stored = z.object({ customer: z.string().nullable(), integration: z.uuid().nullable() });

/**
 * Remembers, in the browser that has begun a consent, what for. The return is one address for all, and says of a consent that
 * came to nothing only its state. A cookie for each, since several may be under way.
 * @param publicUrl https: the cookies are for https alone.
 */
export function createAttempts(publicUrl: string) {
  const secure = publicUrl.startsWith("https:");
  const nameOf = (state: string) => {
    const hash = createHash("sha256").update(state).digest("base64url").slice(0, 16);
    return `${secure ? "__Secure-" : ""}cita_attempt_${hash}`;
  };
  return {
    remember(reply: FastifyReply, state: string, { customerId, integrationId }: Attempt): void {
      const value: z.input<typeof stored> = { customer: customerId, integration: integrationId };
      reply.setCookie(nameOf(state), JSON.stringify(value), {
        ...{ path: returnPath, httpOnly: true, sameSite: "lax", secure, maxAge: lifetimeSeconds },
      });
    },

    /** @returns undefined where this browser hasn't begun it, or too long ago. */
    find({ cookies }: FastifyRequest, state: string): Attempt | undefined {
      const { data } = stored.safeParse(readJson(cookies[nameOf(state)]));
      return data && { customerId: data.customer, integrationId: data.integration };
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;

/** A browser sends whatever it was given. */
function readJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
