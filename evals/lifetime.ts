import type { Lifetime } from "../test/support/world.ts";

/** All of what `run` opens is closed in the end, last opened first. */
export async function withLifetime<T>(run: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  const closing: (() => unknown)[] = [];
  try {
    return await run({ teardown: (close) => void closing.unshift(close) });
  } finally {
    for (const close of closing) await close();
  }
}
