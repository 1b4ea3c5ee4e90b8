import { isDeepStrictEqual } from "node:util";
import type { Schedule } from "@cita/calendar-api";
import type { Schedules } from "../schedules/schedules.ts";
import type { RecordActivity } from "./recorder.ts";

/** Wraps the schedules: records which members of a schedule have changed, without their values. */
export function recordSchedules(schedules: Schedules, record: RecordActivity): Schedules {
  return {
    ...schedules,
    async replace(...given) {
      const [customerId] = given;
      // A schedule that can't be parsed any more can still be replaced.
      const before = await schedules.find(customerId).catch(() => undefined);
      const after = await schedules.replace(...given);
      const changed = changedMembers(before, after);
      if (changed !== "") await record({ customerId, kind: "schedule_changed", detail: { changed } });
      return after;
    },
  };
}

function changedMembers(before: Schedule | undefined, after: Schedule): string {
  const members = Object.keys(after) as (keyof Schedule)[];
  return members.filter((member) => !isDeepStrictEqual(before?.[member], after[member])).join(", ");
}
