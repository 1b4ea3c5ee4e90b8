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
    ...oracle.starts
      .filter((start) => !offered.has(start))
      .map((start) => `${formatStart(start)} isn't offered`),
    ...starts.filter((start) => !right.has(start)).map((start) => `${formatStart(start)} is offered`),
    ...(isAscending(starts) ? [] : ["the starts don't ascend"]),
    ...((reason === undefined) === starts.length > 0 ? [] : [`the reason is ${reason}`]),
    ...probes.filter(oracle.knows).flatMap((start) => {
      const [refusal, expected] = [refuseStart(query, start), oracle.objectionTo(start)];
      return refusal === expected
        ? []
        : [`${formatStart(start)} is ${verdict(refusal)}, not ${verdict(expected)}`];
    }),
    ...probes
      .filter((start) => oracle.knows(start) && isFree(query, start) !== oracle.hasRoom(start))
      .map((start) => `${formatStart(start)} is ${oracle.hasRoom(start) ? "" : "not "}free`),
  ];
}

const week = 7 * 86_400_000;

/**
 * Where the next opening isn't the time that is open without a break around the first open minute from `now`
 * on. Of what has been open for longer than a week it needn't know since when.
 */
export function findOpeningDifferences(question: Question, oracle: Oracle, now: number): string[] {
  const right = oracle.knows(now) ? oracle.openTimeFrom(now) : undefined;
  if (right === undefined) return [];
  const { clock, hours, days } = toQuery(question);
  const opening = nextOpening(clock, hours, now, days + 3);
  if (opening === undefined)
    return [`after ${formatStart(now)} nothing opens, not even at ${formatStart(right.start)}`];
  const { start, end } = opening;
  const isStart =
    right.start >= now - week ? start === right.start : right.start <= start && start <= now - week;
  const isEnd = right.mayGoOn ? end >= right.end : end === right.end;
  const found = `after ${formatStart(now)} it is open from ${formatStart(start)} to ${formatStart(end)}`;
  return isStart && isEnd
    ? []
    : [`${found}, not from ${formatStart(right.start)} to ${formatStart(right.end)}`];
}

function isAscending(starts: readonly number[]): boolean {
  return starts.every((start, i) => i === 0 || (starts[i - 1] as number) < start);
}

function verdict(rejection: Rejection | undefined): string {
  return rejection === undefined ? "accepted" : `refused as ${rejection}`;
}

function formatStart(start: number): string {
  return new Date(start).toISOString();
}
