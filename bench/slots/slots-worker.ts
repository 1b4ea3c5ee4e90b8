import { createClock, createTimeFormatter, findSlots, type SlotQuery } from "@cita/scheduling";
import { measureMedianTime } from "../statistics.ts";
import { createSlotScenario, type ScenarioSize, type SlotScenario } from "./slot-scenario.ts";

/** Times finding the slots of a scenario. */
export type SlotsJob = { size: ScenarioSize; repetitions: number };

export type SlotsResult = {
  slots: number;
  computeMs: number;
  /** With each slot formatted as the tool does. */
  answerMs: number;
};

const day = 86_400_000;

process.on("message", ({ size, repetitions }: SlotsJob) => {
  const queries = toQueries(createSlotScenario(size));
  const compute = measureMedianTime(repetitions, queries, (query) => findSlots(query).starts.length);
  const answers = measureMedianTime(repetitions, queries, (query) => formatSlots(query).length);
  const result: SlotsResult = { slots: compute.found, computeMs: compute.ms, answerMs: answers.ms };
  process.send?.(result);
});

/** As `get_available_slots` formats slots. */
function formatSlots(query: SlotQuery) {
  const format = createTimeFormatter(query.clock);
  return findSlots(query).starts.map((start) => {
    const { iso, weekday, label } = format(start);
    return { start: iso, end: format(start + query.policy.durationMs).iso, weekday, label };
  });
}

/** One for each order of the busy intervals. */
function toQueries({ timeZone, from, days, busyOrders, ...scenario }: SlotScenario): SlotQuery[] {
  const hours = [{ start: scenario.opens, end: scenario.closes }];
  const weekly = {
    monday: hours,
    tuesday: hours,
    wednesday: hours,
    thursday: hours,
    friday: hours,
    saturday: hours,
    sunday: hours,
  };
  const policy = {
    durationMs: scenario.durationMs,
    intervalMs: scenario.gridMs,
    minimumNoticeMs: 0,
    horizonMs: 2 * days * day,
    pausedUntil: null,
    bufferBeforeMs: 0,
    bufferAfterMs: 0,
    capacity: 1,
    maxPerDay: null,
    maxPerWeek: null,
  };
  return busyOrders.map((busy) => ({
    clock: createClock(timeZone),
    hours: { weekly, overrides: new Map() },
    policy,
    busy,
    bookings: [],
    now: Date.parse(from) - day,
    from,
    days,
  }));
}
