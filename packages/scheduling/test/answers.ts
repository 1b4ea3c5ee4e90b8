import { createTimeFormatter, findSlots, nextOpening, refuseStart } from "../src/index.ts";
import { type Question, toQuery } from "./question.ts";

/** All there is to say to a question, as plain data. */
export function answer(question: Question) {
  const query = toQuery(question);
  const { clock, hours, now, days } = query;
  const { starts, reason } = findSlots(query);
  const format = createTimeFormatter(clock);
  return {
    slots: starts.map((start) => ({ start, ...format(start) })),
    reason: reason ?? null,
    refusals: starts.slice(0, 5).map((start) => refuseStart(query, start + 60_000) ?? null),
    today: clock.dateAt(now),
    opening: nextOpening(clock, hours, now, days) ?? null,
  };
}

export type Answer = ReturnType<typeof answer>;
