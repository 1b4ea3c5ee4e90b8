import { setTimeout as sleep } from "node:timers/promises";
import type { Agreement } from "../agreement.ts";
import type { Random } from "../fuzzing/random.ts";
import type { Owner } from "../owner.ts";
import type { CalendarProcess, ProcessWorld } from "../process-world.ts";

const hour = 3_600_000;

/** A place for a process that is killed, frozen and put into another time over and over. */
export type Seat = { current: CalendarProcess };

export async function troubleProcess(
  seat: Seat,
  { random, until, start }: { random: Random; until: number; start: () => Promise<CalendarProcess> },
): Promise<void> {
  while (performance.now() < until) {
    await sleep(800 + random.below(2_500));
    const choice = random.below(100);
    if (choice < 35) {
      await seat.current.end("SIGKILL");
      await sleep(random.below(1_500));
      seat.current = await start();
    } else if (choice < 75) {
      seat.current.freeze();
      await sleep(500 + random.below(4_000));
      seat.current.thaw();
      // Some don't live for long after that.
      if (random.chance(0.3)) {
        await sleep(random.below(200));
        await seat.current.end("SIGKILL");
        seat.current = await start();
      }
    } else {
      seat.current.stepClock(random.pick([-hour, 0, hour]));
    }
  }
}

/**
 * Every second one of the processes that are well is killed and started again, or frozen for some seconds: short of being
 * taken for gone, or beyond.
 * @returns how often that was.
 */
export async function troubleEachSecond(
  seats: readonly Seat[],
  { random, until, start }: { random: Random; until: number; start: () => Promise<CalendarProcess> },
): Promise<{ kills: number; freezes: number }> {
  const troubled = new Map<Seat, Promise<void>>();
  const counts = { kills: 0, freezes: 0 };

  async function kill(seat: Seat): Promise<void> {
    counts.kills += 1;
    await seat.current.end("SIGKILL");
    seat.current = await start();
  }

  async function freeze(seat: Seat): Promise<void> {
    counts.freezes += 1;
    seat.current.freeze();
    await sleep(500 + random.below(random.chance(0.3) ? 12_000 : 3_000));
    seat.current.thaw();
  }

  while (performance.now() < until) {
    await sleep(1_000);
    const well = seats.filter((seat) => !troubled.has(seat));
    if (well.length === 0) continue;
    const seat = random.pick(well);
    const trouble = random.chance(0.4) ? kill(seat) : freeze(seat);
    troubled.set(
      seat,
      trouble.finally(() => troubled.delete(seat)),
    );
  }
  await Promise.all(troubled.values());
  return counts;
}

/** Now and then the provider fails, is slow, or does what it is asked and doesn't say so. */
export async function troubleProvider(
  { fault }: ProcessWorld,
  { random, until }: { random: Random; until: number },
): Promise<void> {
  const calls = ["any", "list", "get", "insert", "patch", "delete"] as const;
  while (performance.now() < until) {
    await sleep(random.below(600));
    const what = random.pick([
      { status: 503 },
      { latency_ms: 100 + random.below(1_500) },
      { drop: true },
      { drop: "answer" },
    ]);
    await fault(random.pick(calls), { ...what, times: 1 + random.below(4) });
  }
}

/** A person in their own calendar. @returns the events of ours that were touched. */
export async function editByHand(
  agreement: Agreement,
  customer: string,
  {
    random,
    until,
    owner,
    starts,
  }: { random: Random; until: number; owner: Owner; starts: readonly string[] },
): Promise<Set<string>> {
  const touched = new Set<string>();
  while (performance.now() < until) {
    await sleep(500 + random.below(4_000));
    const start = random.pick(starts);
    const end = new Date(Date.parse(start) + 1_800_000).toISOString();
    const events = await agreement.marked(customer);
    const choice = random.below(100);
    // The provider's troubles are theirs as well: what got no answer may have been done.
    const edit = async (): Promise<unknown> => {
      if (events.length === 0 || choice < 15) return owner.insert({ start, end, summary: "By hand" });
      const { id } = random.pick(events);
      touched.add(id);
      return choice < 60 ? owner.change(id, { start, end }) : owner.remove(id);
    };
    await edit().catch(() => undefined);
  }
  return touched;
}
