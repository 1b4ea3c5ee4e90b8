import { setTimeout as sleep } from "node:timers/promises";

/**
 * Stores what a renewal has brought. Of a provider that rotates strictly the new tokens are the only ones that live, and a
 * database that restarts must not cost the access. Where an attempt was stored although it failed, a later one finds
 * another version, and isn't.
 * @param pausesMs between the attempts
 */
export async function saveRepeatedly(
  save: () => Promise<boolean>,
  pausesMs: readonly number[],
): Promise<boolean> {
  for (const pauseMs of pausesMs) {
    try {
      return await save();
    } catch {
      await sleep(pauseMs);
    }
  }
  return save();
}
