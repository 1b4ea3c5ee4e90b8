import { setTimeout as sleep } from "node:timers/promises";
import type { OAuthStateStore } from "../integrations/oauth-state.ts";
import type { Finished } from "./finish.ts";

/** What the requests of one consent to its provider take at the most. */
const maxConclusionMs = 15_000;
const waitStepMs = 100;

/**
 * A browser that comes back twice, by a reload or a second tap, shows the answer to its last request alone: it is told what
 * the first one has connected, which may be under way, at another instance too.
 * @returns undefined where nothing was connected.
 */
export async function awaitOtherRequest(
  { states, now }: { readonly states: Pick<OAuthStateStore, "find">; readonly now: () => number },
  token: string,
): Promise<Finished | undefined> {
  for (const deadline = performance.now() + maxConclusionMs; ; await sleep(waitStepMs)) {
    const state = await states.find(token);
    if (state === undefined || state.consumedAt === null) return undefined;
    const { integrationId, consumedAt, expiresAt } = state;
    if (integrationId !== null) return { kind: "connected", integrationId };
    const isOver = expiresAt.getTime() <= now() || now() - consumedAt.getTime() > maxConclusionMs;
    if (isOver || performance.now() > deadline) return undefined;
  }
}
