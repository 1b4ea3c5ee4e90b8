import type { FastifyBaseLogger } from "fastify";
import { LRUCache } from "lru-cache";
import type { BearerVerifier } from "../mcp/bearer-verifier.ts";
import { hashOf, isAgentKey } from "./agent-key.ts";
import type { AgentKeyRecord, AgentKeyStore } from "./agent-key-store.ts";

export type AgentKeyVerifierDeps = {
  keys: Pick<AgentKeyStore, "findLive" | "noteUse">;
  logger: FastifyBaseLogger;
  now: () => number;
};

/** A write to the disk costs a hundred times what the look-up does. */
const noteAgainMs = 60 * 60_000;

/** As many keys are remembered to have been noted; a further one is only noted once more. */
const mostRemembered = 10_000;

/**
 * Lets agents in by their keys. Each is checked for each request, so one that is revoked ends at once,
 * whichever process revoked it. That a key was used is written down once an hour.
 */
export function createAgentKeyVerifier({ keys, logger, now }: AgentKeyVerifierDeps): BearerVerifier {
  const notedAt = new LRUCache<number, number>({ max: mostRemembered });

  /** Being used counts more than being noted: nobody waits for it, and a failure is tried again an hour later. */
  function noteUse({ id, lastUsedAt }: AgentKeyRecord): void {
    const at = now();
    if (at - Math.max(lastUsedAt ?? 0, notedAt.get(id) ?? 0) < noteAgainMs) return;
    notedAt.set(id, at);
    keys
      .noteUse(id, at)
      .catch((err: unknown) => logger.warn({ err, key_id: id }, "the use of an agent key couldn't be noted"));
  }

  return async (token) => {
    const key = isAgentKey(token) ? await keys.findLive(hashOf(token)) : undefined;
    if (key === undefined) return undefined;
    noteUse(key);
    return { customerId: key.owner === "platform" ? undefined : key.owner.customerId };
  };
}
