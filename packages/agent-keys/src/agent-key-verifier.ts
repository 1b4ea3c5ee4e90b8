import type { BearerVerifier } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import { LRUCache } from "lru-cache";
import type { AgentKeyRecord, AgentKeyStore } from "./agent-key-store.ts";

export type AgentKeyVerifierDeps = {
  keys: Pick<AgentKeyStore, "findLive" | "noteUse">;
  logger: Logger;
  now: () => number;
};

/** A write to the disk takes a hundred times as long as the look-up. */
const recordUseEveryMs = 60 * 60_000;

/** Bounds the memory. An evicted use is recorded once more. */
const maxRememberedUses = 10_000;

/**
 * Verifies agent keys. The key is looked up for each request, so that a key that another process has revoked isn't
 * accepted. Its use is recorded once an hour.
 */
export function createAgentKeyVerifier({ keys, logger, now }: AgentKeyVerifierDeps): BearerVerifier {
  const recordedAt = new LRUCache<string, number>({ max: maxRememberedUses });

  /** Not awaited: a call neither waits for the record nor fails with it. The next try is an hour later. */
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
