import { createWorld, type Lifetime, type World } from "../test/support/world.ts";

/** Both services and a local Google in this process, without Google's quotas: the evals exceed those of one business. */
export function openWorld(lifetime: Lifetime): Promise<World> {
  const unlimited = "1000000";
  return createWorld(lifetime, {
    variables: { GOOGLE_USER_QUOTA: unlimited, GOOGLE_PROJECT_QUOTA: unlimited },
  });
}

/** Runs with what a world takes from a test. Afterwards all is closed, last opened first. */
export async function withLifetime<T>(run: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  const closing: (() => unknown)[] = [];
  try {
    return await run({ teardown: (close) => void closing.unshift(close) });
  } finally {
    for (const close of closing) await close();
  }
}
