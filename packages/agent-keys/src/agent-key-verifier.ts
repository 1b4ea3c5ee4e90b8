import type { BearerVerifier } from "@cita/mcp-endpoint";
import type { FastifyBaseLogger } from "fastify";
import { LRUCache } from "lru-cache";
import { hashOf, isAgentKey } from "./agent-key.ts";
import type { AgentKeyRecord, AgentKeyStore } from "./agent-key-store.ts";

export type AgentKeyVerifierDeps = {
  keys: Pick<AgentKeyStore, "findLive" | "noteUse">;
  logger: FastifyBaseLogger;
  now: () => number;
};

/** A write to the disk costs a hundred times what the look-up does. */
const noteAgainMs = 60 * 60_000;

/** Uses that are remembered as recorded. One that was evicted is only recorded once more. */
const mostRemembered = 10_000;

/**
 * Lets agents in by their keys. Each is checked for each request, so one that is revoked ends at once,
 * whichever process revoked it. That a key was used is written down once an hour.
 */
export function createAgentKeyVerifier({ keys, logger, now }: AgentKeyVerifierDeps): BearerVerifier {
  const notedAt = new LRUCache<string, number>({ max: mostRemembered });

  /** Not awaited, because a call mustn't wait for its record or fail with it. The next try is an hour later. */
  function noteUse({ id, lastUsedAt, attendeeNamedAt }: AgentKeyRecord, namesAttendee: boolean): void {
    const at = now();
    const use = `${id} ${namesAttendee}`;
    const lastNoted = (namesAttendee ? attendeeNamedAt : lastUsedAt) ?? 0;
    if (at - Math.max(lastNoted, notedAt.get(use) ?? 0) < noteAgainMs) return;
    notedAt.set(use, at);
    keys
      .noteUse(id, at, namesAttendee)
      .catch((err: unknown) => logger.warn({ err, key_id: id }, "the use of an agent key couldn't be noted"));
  }

  return async (token, { namesAttendee }) => {
    const key = isAgentKey(token) ? await keys.findLive(hashOf(token)) : undefined;
    if (key === undefined) return undefined;
    noteUse(key, namesAttendee);
    return {
      customerId: key.owner === "platform" ? undefined : key.owner.customerId,
      audience: key.audience,
    };
  };
}
