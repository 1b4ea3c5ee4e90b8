const day = 86_400_000;

/** A Monday that is a week or more ahead by the real clock, for services whose clock can't be set. */
export function comingMonday(): string {
  const inAWeek = Date.now() + 7 * day;
  const untilMonday = (8 - new Date(inAWeek).getUTCDay()) % 7;
  return new Date(inAWeek + untilMonday * day).toISOString().slice(0, 10);
}
