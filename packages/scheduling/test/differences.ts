import { findSlots, isFree, nextOpening, type Rejection, refuseStart } from "../src/index.ts";
import type { Oracle } from "./oracle.ts";
import { type Question, toQuery } from "./question.ts";

/**
 * Where the slots and the oracle part, in words; none is right.
 * @param probes what to ask `refuseStart` and `isFree` about, as far as the oracle knows it
 */
export function findDifferences(question: Question, oracle: Oracle, probes: readonly number[]): string[] {
  const query = toQuery(question);
  const { starts, reason } = findSlots(query);
  const offered = new Set(starts);
  const right = new Set(oracle.starts);
  return [
    ...oracle.starts.filter((start) => !offered.has(start)).map((start) => `${say(start)} isn't offered`),
    ...starts.filter((start) => !right.has(start)).map((start) => `${say(start)} is offered`),
    ...(isAscending(starts) ? [] : ["the starts don't ascend"]),
    ...((reason === undefined) === starts.length > 0 ? [] : [`the reason is ${reason}`]),
    ...probes.filter(oracle.knows).flatMap((start) => {
      const [said, expected] = [refuseStart(query, start), oracle.objectionTo(start)];
      return said === expected ? [] : [`${say(start)} is ${verdict(said)}, not ${verdict(expected)}`];
    }),
    ...probes
      .filter((start) => oracle.knows(start) && isFree(query, start) !== oracle.hasRoom(start))
      .map((start) => `${say(start)} is ${oracle.hasRoom(start) ? "" : "not "}free`),
  ];
}

/** Where the next opening isn't the one that holds the first open minute from `now` on. */
export function findOpeningDifferences(question: Question, oracle: Oracle, now: number): string[] {
  const first = oracle.knows(now) ? oracle.firstOpenMinute(now) : undefined;
  if (first === undefined) return [];
  const { clock, hours, days } = toQuery(question);
  const opening = nextOpening(clock, hours, now, days + 3);
  const isRight =
    first === now
      ? opening !== undefined && opening.start <= now && now < opening.end
      : opening?.start === first;
  if (isRight) return [];
  return [`after ${say(now)} opens at ${opening && say(opening.start)}, not ${say(first)}`];
}

function isAscending(starts: readonly number[]): boolean {
  return starts.every((start, i) => i === 0 || (starts[i - 1] as number) < start);
}

function verdict(rejection: Rejection | undefined): string {
  return rejection === undefined ? "accepted" : `refused as ${rejection}`;
}

function say(start: number): string {
  return new Date(start).toISOString();
}
