import type { BearerVerifier } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import { LRUCache } from "lru-cache";
import type { AgentKeyRecord, AgentKeyStore } from "./agent-key-store.ts";

export type AgentKeyVerifierDeps = {
  keys: Pick<AgentKeyStore, "findLive" | "noteUse">;
  logger: Logger;
  now: () => number;
};

/** A write to the disk costs a hundred times what the look-up does. */
const recordUseEveryMs = 60 * 60_000;

/** Uses that are remembered as recorded. One that was evicted is only recorded once more. */
const maxRememberedUses = 10_000;

/**
 * Verifies agent keys. Each is looked up for each request, so that no process accepts one that another has revoked. That
 * a key was used is recorded once an hour.
 */
export function createAgentKeyVerifier({ keys, logger, now }: AgentKeyVerifierDeps): BearerVerifier {
  const recordedAt = new LRUCache<string, number>({ max: maxRememberedUses });

  /** Not awaited: a call mustn't wait for its record, or fail with it. The next try is an hour later. */
  function noteUse({ id, lastUsedAt, attendeeNamedAt }: AgentKeyRecord, namesAttendee: boolean): void {
    const at = now();
    const use = `${id} ${namesAttendee}`;
    const lastRecorded = (namesAttendee ? attendeeNamedAt : lastUsedAt) ?? 0;
    if (at - Math.max(lastRecorded, recordedAt.get(use) ?? 0) < recordUseEveryMs) return;
    recordedAt.set(use, at);
    keys
      .noteUse(id, at, namesAttendee)
      .catch((err: unknown) => logger.warn({ err, key_id: id }, "the use of an agent key couldn't be noted"));
  }

  return async (token, { namesAttendee }) => {
    const key = await keys.findLive(token);
    if (key === undefined) return undefined;
    noteUse(key, namesAttendee);
    return {
      customerId: key.owner === "platform" ? undefined : key.owner.customerId,
      audience: key.audience,
    };
  };
}
