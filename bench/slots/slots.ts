import { startWorker } from "../processes.ts";
import { type Benchmark, type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { median } from "../statistics.ts";
import { installPeer } from "./peer-package.ts";
import type { PeerJob, PeerResult } from "./peer-worker.ts";
import type { ScenarioSize } from "./slot-scenario.ts";
import type { SlotsJob, SlotsResult } from "./slots-worker.ts";

const rounds = 5;
const slotsInMonth = 525;

const month: ScenarioSize = { days: 30, busyCount: 200 };
const year: ScenarioSize = { days: 365, busyCount: 10_000 };

/** Finding free slots, without a server or a calendar; with `--peer` beside cal.com's own functions. */
export const slots: Benchmark = { name: "slots", measure };

/** Measured one after the other, and so comparable. */
type Round = { inMonth: SlotsResult; inYear: SlotsResult; theirs?: PeerResult };

async function measure({ peer }: BenchmarkOptions): Promise<Measurement[]> {
  if (peer) logProgress("slots: installing the peer into a temporary folder");
  const folder = peer ? installPeer() : undefined;
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    logProgress(`slots: round ${round} of ${rounds}`);
    const ours = await measureOurs();
    measured.push(folder === undefined ? ours : { ...ours, theirs: await measurePeer(folder) });
  }
  return [...measureMonth(measured), ...measureGrowth(measured), ...comparePeer(measured)];
}

/** A new process for each round: V8 may compile the same code differently each time. */
async function measureOurs(): Promise<Round> {
  const worker = startWorker<SlotsJob, SlotsResult>("bench/slots/slots-worker.ts");
  const inMonth = await worker.run({ size: month, repetitions: 2_000 });
  const inYear = await worker.run({ size: year, repetitions: 100 });
  await worker.stop();
  return { inMonth, inYear };
}

async function measurePeer(folder: string): Promise<PeerResult> {
  const worker = startWorker<PeerJob, PeerResult>("bench/slots/peer-worker.ts");
  const result = await worker.run({ folder, size: month, repetitions: 30 });
  await worker.stop();
  return result;
}

function measureMonth(measured: readonly Round[]): Measurement[] {
  const months = measured.map(({ inMonth }) => inMonth);
  const wrong = months.find(({ slots }) => slots !== slotsInMonth);
  if (wrong !== undefined) throw new Error(`The month has ${slotsInMonth} slots, not ${wrong.slots}.`);
  const name = `30 days, 200 busy, ${slotsInMonth} slots`;
  return [
    { name: `${name}: compute`, value: medianOf(months, "computeMs"), unit: "ms", target: { max: 0.1 } },
    { name: `${name}: with answers`, value: medianOf(months, "answerMs"), unit: "ms", target: { max: 0.5 } },
  ];
}

/**
 * Sorting 10,000 items takes 1.74 times as many comparisons an item as sorting 200 (n log n). Twice that is allowed,
 * because a year doesn't fit into the processor's caches; quadratic time would be far above.
 */
const maxGrowth = 3.5;

/** The time for a slot or busy interval in the year, divided by that in the month. */
function measureGrowth(measured: readonly Round[]): Measurement[] {
  const years = measured.map(({ inYear }) => inYear);
  const timePerItem = ({ computeMs, slots }: SlotsResult, { busyCount }: ScenarioSize) =>
    computeMs / (slots + busyCount);
  const growth = measured.map(
    ({ inMonth, inYear }) => timePerItem(inYear, year) / timePerItem(inMonth, month),
  );
  const name = `365 days, 10,000 busy, ${medianOf(years, "slots")} slots: compute`;
  return [
    { name, value: medianOf(years, "computeMs"), unit: "ms" },
    {
      name: "time per slot and busy, year by month",
      value: median(growth),
      unit: "",
      target: { max: maxGrowth },
    },
  ];
}

function comparePeer(measured: readonly Round[]): Measurement[] {
  const both = measured.flatMap(({ inMonth, theirs }) => (theirs === undefined ? [] : [{ inMonth, theirs }]));
  if (both.length === 0) return [];
  const peers = both.map(({ theirs }) => theirs);
  const found = medianOf(peers, "slots");
  if (Math.abs(found - slotsInMonth) > slotsInMonth / 100) {
    throw new Error(`The peer finds ${found} slots in the month, not ${slotsInMonth}.`);
  }
  const times = both.map(({ inMonth, theirs }) => theirs.computeMs / inMonth.computeMs);
  return [
    { name: `cal.com: 30 days, 200 busy, ${found} slots`, value: medianOf(peers, "computeMs"), unit: "ms" },
    { name: "times as fast as cal.com", value: median(times), unit: "", target: { min: 100 } },
  ];
}

function medianOf<Key extends string>(results: readonly Record<Key, number>[], key: Key): number {
  return median(results.map((result) => result[key]));
}
