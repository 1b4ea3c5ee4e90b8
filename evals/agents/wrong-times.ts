import {
  type Agent,
  checkSlotsAndRepeat,
  correctTime,
  isSuccessfulCall,
  startOf,
  succeeds,
  withArgs,
} from "./agent.ts";

/** Agents that get dates and times wrong. */

const offset = /(Z|[+-]\d{2}:\d{2})$/;
const choosesTime = isSuccessfulCall("book", "reschedule_booking");
const asksForSlots = isSuccessfulCall("get_available_slots");

function addDays(iso: string, days: number): string {
  const date = new Date(Date.parse(iso.slice(0, 10)) + days * 86_400_000).toISOString().slice(0, 10);
  return date + iso.slice(10);
}

export const wrongTimes: readonly Agent[] = [
  {
    name: "a-day-off",
    mistake: "books the day after the one that was asked for",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const wrong = await trial.call(withArgs(call, { start_iso: addDays(startOf(call), 1) }));
      return correctTime(wrong, call, trial);
    },
  },
  {
    name: "no-offset",
    mistake:
      "leaves out the offset: the time is the business's wall time, and refused where that is ambiguous or skipped",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const outcome = await trial.call(withArgs(call, { start_iso: startOf(call).replace(offset, "") }));
      if (outcome.error === undefined) {
        trial.expect(
          outcome.answer.start === startOf(call),
          "it was read in a zone other than the business's",
        );
        return outcome;
      }
      trial.expectHint(outcome, "invalid_time", startOf(call));
      return trial.call(call);
    },
  },
  {
    name: "local-time-as-utc",
    mistake: "writes the wall time with a Z",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const wrong = await trial.call(withArgs(call, { start_iso: startOf(call).replace(offset, "Z") }));
      return correctTime(wrong, call, trial);
    },
  },
  {
    name: "same-time-in-utc",
    mistake: "converts the time to UTC: the answer has the same time in the business's zone",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const outcome = await trial.call(withArgs(call, { start_iso: new Date(startOf(call)).toISOString() }));
      trial.expect(outcome.answer?.start === startOf(call), "the answer isn't in the business's zone");
      return outcome;
    },
  },
  {
    name: "last-year",
    mistake: "takes the year from its training",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const wrong = await trial.call(withArgs(call, { start_iso: addDays(startOf(call), -364) }));
      trial.expectHint(wrong, "too_soon", "today's date");
      return correctTime(wrong, call, trial);
    },
  },
  {
    name: "slots-of-last-year",
    mistake: "asks for slots in the past: the answer must say that the day has passed, not that it is full",
    canErrAt: asksForSlots,
    async errAndRecover(call, trial) {
      const passed = { date_iso: addDays(String(call.args.date_iso), -364) };
      const { answer } = await trial.call(withArgs(call, passed));
      trial.expect(answer?.reason === "too_soon", "the answer doesn't say that the day has passed");
      trial.expect(String(answer?.now).startsWith("2027"), "the answer doesn't say the present time");
      return trial.call(call);
    },
  },
  {
    name: "impossible-date",
    mistake: "books on 30 February",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const wrong = withArgs(call, { start_iso: startOf(call).replace(/-\d{2}-\d{2}T/, "-02-30T") });
      trial.expectHint(await trial.call(wrong), "invalid_time", "get_available_slots");
      return checkSlotsAndRepeat(call, trial);
    },
  },
  {
    name: "slots-of-an-impossible-date",
    mistake: "asks for slots on 30 February",
    canErrAt: asksForSlots,
    async errAndRecover(call, trial) {
      const wrong = await trial.call(withArgs(call, { date_iso: "2027-02-30" }));
      trial.expectHint(wrong, "invalid_time", "date_iso must be a real date written YYYY-MM-DD");
      return trial.call(call);
    },
  },
  {
    name: "spoken-date",
    mistake: "passes on a date as DD/MM/YYYY",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const [year, month, day] = startOf(call).slice(0, 10).split("-");
      const spoken = `${day}/${month}/${year} ${startOf(call).slice(11, 16)}`;
      const wrong = await trial.call(withArgs(call, { start_iso: spoken }));
      trial.expectHint(wrong, "invalid_time", "2027-01-18T09:00:00-05:00");
      return trial.call(call);
    },
  },
  {
    name: "over-long-range",
    mistake: "asks for slots of three months at once",
    canErrAt: asksForSlots,
    async errAndRecover(call, trial) {
      const wrong = await trial.call(withArgs(call, { days: 92 }));
      trial.expectHint(wrong, "invalid_time", "days must be at most 31");
      return trial.call(call);
    },
  },
  {
    name: "outside-hours",
    mistake: "books ten to midnight",
    canErrAt: choosesTime,
    async errAndRecover(call, trial) {
      const late = startOf(call).replace(/T\d{2}:\d{2}/, "T23:50");
      const wrong = await trial.call(withArgs(call, { start_iso: late }));
      trial.expectHint(wrong, ["outside_hours", "too_far"], "get_available_slots");
      return checkSlotsAndRepeat(call, trial);
    },
  },
  {
    name: "skips-reading",
    mistake: "books without asking for business info or slots before",
    always: true,
    canErrAt: (call, { conversation }) =>
      ["get_business_info", "get_available_slots"].includes(call.tool) &&
      succeeds(call) &&
      conversation.calls.some(choosesTime),
    errAndRecover: async (call, trial, goodOutcome) => goodOutcome ?? trial.call(call),
  },
];
