import { setTimeout as sleep } from "node:timers/promises";
import { logProgress, type Measurement } from "../report.ts";
import { median, percentile } from "../statistics.ts";
import type { BookingSupply } from "./booking-supply.ts";
import { sendMcp, successTexts } from "./mcp-call.ts";

export type BesidePlan = {
  readonly pairs: number;
  /** In each round. */
  readonly bookings: number;
  readonly pauseMs: number;
};

export type Beside = {
  /** In the plural. */
  readonly name: string;
  begin(): Promise<void>;
  end(): Promise<void>;
};

export type BesideRounds = { readonly quiet: readonly number[][]; readonly busy: readonly number[][] };

/** Between two rounds: what is under way ends. */
const settleMs = 2_000;

const mostToWarmUp = 100;

/**
 * Whether bookings are answered as fast while something else goes on on the same machine. Rounds with and without it take
 * turns in one run, each pair in the other order than the one before: both have the same processes, the same calendars, and
 * the machine's other work.
 * @returns the times of each round's bookings, in milliseconds.
 */
export async function timeBookingsBeside(
  { name, begin, end }: Beside,
  { calendarUrl, supply }: { readonly calendarUrl: string; readonly supply: BookingSupply },
  plan: BesidePlan,
): Promise<BesideRounds> {
  const book = (count: number) => timesOf(calendarUrl, supply.takeMany(count), plan.pauseMs);
  logProgress("bookings, until the code is compiled");
  await book(Math.min(plan.bookings, mostToWarmUp));
  const rounds = { quiet: [] as number[][], busy: [] as number[][] };
  for (let pair = 0; pair < plan.pairs; pair++)
    for (const kind of pair % 2 === 0 ? (["quiet", "busy"] as const) : (["busy", "quiet"] as const)) {
      logProgress(
        `bookings, pair ${pair + 1} of ${plan.pairs}, ${kind === "quiet" ? "alone" : `beside ${name}`}`,
      );
      if (kind === "busy") await begin();
      rounds[kind].push(await book(plan.bookings));
      if (kind === "busy") await end();
      await sleep(settleMs);
    }
  return rounds;
}

async function timesOf(
  calendarUrl: string,
  calls: ReturnType<BookingSupply["takeMany"]>,
  pauseMs: number,
): Promise<number[]> {
  const times: number[] = [];
  for (const call of calls) {
    const begun = performance.now();
    await sendMcp(calendarUrl, call, successTexts.book);
    times.push(performance.now() - begun);
    await sleep(pauseMs);
  }
  return times;
}

/** The medians, and how much longer the slowest bookings take: at most a quarter. */
export function besideMeasurements({ quiet, busy }: BesideRounds, name: string): Measurement[] {
  const of = (share: number) => ({
    quiet: quiet.map((times) => percentile(times, share)),
    busy: busy.map((times) => percentile(times, share)),
  });
  const [p50, p99] = [of(0.5), of(0.99)];
  const ratios = p99.busy.map((value, i) => value / (p99.quiet[i] ?? Number.NaN));
  const median99 = {
    name: `booking beside ${name}, p99, median of ${busy.length} rounds`,
    value: median(p99.busy),
  };
  return [
    { ...median99, unit: "ms", comparison: { name: `without ${name}`, value: median(p99.quiet) } },
    {
      ...{ name: `booking beside ${name}, p50`, value: median(p50.busy), unit: "ms" },
      comparison: { name: `without ${name}`, value: median(p50.quiet) },
    },
    {
      ...{
        name: `booking p99 with ${name} / without, median of ${busy.length} pairs`,
        value: median(ratios),
      },
      ...{ unit: "", target: { max: 1.25 } },
    },
  ];
}
