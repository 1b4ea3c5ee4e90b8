import { dayMs } from "./durations.ts";

/** From `at` (epoch milliseconds) on, local time is UTC plus `offset` (milliseconds). */
export type Transition = { readonly at: number; readonly offset: number };

/**
 * The offset at an instant, and then each change of the clocks after it and up to `until`, soonest first.
 * @throws RangeError for an unknown zone.
 */
export function zoneTransitions(timeZone: string, from: number, until: number): Iterable<Transition> {
  return typeof Temporal === "undefined"
    ? transitionsByFormat(timeZone, from, until)
    : transitionsByTemporal(timeZone, from, until);
}

function* transitionsByTemporal(timeZone: string, from: number, until: number): Generator<Transition> {
  const first = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone);
  for (let at: Temporal.ZonedDateTime | null = first; at !== null; at = at.getTimeZoneTransition("next")) {
    if (at.epochMilliseconds > until) return;
    yield { at: at.epochMilliseconds, offset: Math.round(at.offsetNanoseconds / 1_000_000) };
  }
}

/**
 * For Node before 26, which has no Temporal: compares the offsets at the two ends of each day, and searches within the
 * days whose ends differ.
 */
export function* transitionsByFormat(timeZone: string, from: number, until: number): Generator<Transition> {
  const offsetAt = offsetReader(timeZone);
  let offset = offsetAt(from);
  yield { at: from, offset };
  for (let begin = from; begin < until; begin += dayMs) {
    const end = Math.min(begin + dayMs, until);
    let changed = nextChange(offsetAt, begin, end);
    while (changed !== undefined) {
      offset = offsetAt(changed);
      yield { at: changed, offset };
      changed = nextChange(offsetAt, changed, end);
    }
  }
}

/** The first instant after `begin` and up to `end` with another offset than at `begin`; clocks change on whole seconds. */
function nextChange(offsetAt: (at: number) => number, begin: number, end: number): number | undefined {
  const before = offsetAt(begin);
  if (offsetAt(end) === before) return undefined;
  let [low, high] = [begin, end];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

function offsetReader(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (at) => {
    const text = format.format(at);
    const [, sign, hours = 0, minutes = 0, seconds = 0] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
    const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
    return sign === "-" ? -size : size;
  };
}
