/** What a million divisions took, in milliseconds, where the limits in seconds were set. */
const referenceMs = 0.6;
const tries = 20;

/**
 * How much slower this machine is at this moment than the one where limits in seconds were set; at least 1. Machines differ
 * threefold, and so does one within a day.
 */
export function machineSlowness(): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries; i++) {
    const begunAt = performance.now();
    divideAMillionTimes();
    best = Math.min(best, performance.now() - begunAt);
  }
  return Math.max(1, best / referenceMs);
}

function divideAMillionTimes(): number {
  let sum = 0;
  for (let i = 1; i <= 1_000_000; i++) sum += i % 7;
  return sum;
}
