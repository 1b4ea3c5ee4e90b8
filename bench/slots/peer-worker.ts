import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import type { Interval } from "@cita/scheduling";
import { measureMedianTime } from "../statistics.ts";
import { createSlotScenario, type ScenarioSize, type SlotScenario } from "./slot-scenario.ts";

/** Times finding the slots of a scenario with cal.com's functions, from opening hours and busy intervals. */
export type PeerJob = { folder: string; size: ScenarioSize; repetitions: number };

export type PeerResult = { slots: number; computeMs: number };

type Day = { tz(timeZone: string): Day; add(amount: number, unit: "day"): Day };
type Range = { start: Day; end: Day };
type Ranges = { dateRanges: Range[]; oooExcludedDateRanges: Range[] };

/** The functions that cal.com's own service calls to find slots. */
type Peer = {
  dayjs(time: number | string): Day;
  buildDateRanges(options: {
    availability: { days: number[]; startTime: Date; endTime: Date }[];
    timeZone: string;
    dateFrom: Day;
    dateTo: Day;
    travelSchedules: [];
    outOfOffice: object;
  }): Ranges;
  subtract(ranges: Range[], excluded: Range[]): Range[];
  getAggregatedAvailability(users: (Ranges & { user: { isFixed: true } })[], schedulingType: null): Range[];
  getSlots(options: {
    inviteeDate: Day;
    dateRanges: Range[];
    eventLength: number;
    frequency: number;
    minimumBookingNotice: number;
  }): unknown[];
};

const minute = 60_000;

// cal.com's results depend on the server's time zone, and are right in UTC.
process.env.TZ = "UTC";
// cal.com's database client, which nothing here uses, fails to start in the background.
process.on("unhandledRejection", () => {});

process.on("message", ({ folder, size, repetitions }: PeerJob) => {
  const scenario = createSlotScenario(size);
  const countSlots = createCounter(loadPeer(folder), scenario);
  const { found, ms } = measureMedianTime(repetitions, scenario.busyOrders, countSlots);
  const result: PeerResult = { slots: found, computeMs: ms };
  process.send?.(result);
});

function loadPeer(folder: string): Peer {
  const absentPackage = new URL("./absent-package.ts", import.meta.url).href;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch {
        return { url: absentPackage, shortCircuit: true };
      }
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith("/@calcom/platform-libraries/dist/slots.cjs")) return loaded;
      // The module exports the service, which needs a database, and not the functions that the service calls.
      const more = "{ getSlots, getAggregatedAvailability, dayjs, ...dateRanges }";
      return { ...loaded, source: `${loaded.source}\nObject.assign(exports, ${more});` };
    },
  });
  return createRequire(join(folder, "package.json"))("@calcom/platform-libraries/slots");
}

function createCounter(peer: Peer, scenario: SlotScenario): (busy: readonly Interval[]) => number {
  const { timeZone, days, opens, closes, durationMs, gridMs } = scenario;
  const timeOfDay = (wallTime: string) => new Date(`1970-01-01T${wallTime}:00Z`);
  const availability = [
    { days: [0, 1, 2, 3, 4, 5, 6], startTime: timeOfDay(opens), endTime: timeOfDay(closes) },
  ];
  const dateFrom = peer.dayjs(firstMidnight(scenario)).tz(timeZone);
  const dateTo = dateFrom.add(days, "day");

  return (busy) => {
    const ranges = peer.buildDateRanges({
      availability,
      timeZone,
      dateFrom,
      dateTo,
      travelSchedules: [],
      outOfOffice: {},
    });
    const taken = busy.map(({ start, end }) => ({ start: peer.dayjs(start), end: peer.dayjs(end) }));
    const free = {
      dateRanges: peer.subtract(ranges.dateRanges, taken),
      oooExcludedDateRanges: peer.subtract(ranges.oooExcludedDateRanges, taken),
    };
    return peer.getSlots({
      inviteeDate: dateFrom,
      dateRanges: peer.getAggregatedAvailability([{ ...free, user: { isFixed: true } }], null),
      eventLength: durationMs / minute,
      frequency: gridMs / minute,
      minimumBookingNotice: 0,
    }).length;
  };
}

function firstMidnight({ from, timeZone }: SlotScenario): number {
  return Temporal.PlainDate.from(from).toZonedDateTime(timeZone).epochMilliseconds;
}
