import { type Agent, isOf, lookAndRepeat, setRight, startOf, succeeds, withArgs } from "./agent.ts";

/** Agents that get dates and times wrong. */

const offset = /(Z|[+-]\d{2}:\d{2})$/;
const says = isOf("book", "reschedule_booking");
const looks = isOf("get_available_slots");

function addDays(iso: string, days: number): string {
  const date = new Date(Date.parse(iso.slice(0, 10)) + days * 86_400_000).toISOString().slice(0, 10);
  return date + iso.slice(10);
}

export const wrongTimes: readonly Agent[] = [
  {
    name: "a-day-off",
    mistake: "books the day after and believes it is the weekday that was asked for",
    errsAt: says,
    async err(call, talk) {
      const wrong = await talk.call(withArgs(call, { start_iso: addDays(startOf(call), 1) }));
      return setRight(wrong, call, talk);
    },
  },
  {
    name: "no-offset",
    mistake:
      "leaves the offset away: it is the business's wall time, or refused where that is no single time",
    errsAt: says,
    async err(call, talk) {
      const outcome = await talk.call(withArgs(call, { start_iso: startOf(call).replace(offset, "") }));
      if (outcome.error === undefined) {
        talk.expect(
          outcome.answer.start === startOf(call),
          "it was read in another zone than the business's",
        );
        return outcome;
      }
      talk.expectHint(outcome, "invalid_time", startOf(call));
      return talk.call(call);
    },
  },
  {
    name: "local-time-as-utc",
    mistake: "writes the wall time with a Z",
    errsAt: says,
    async err(call, talk) {
      const wrong = await talk.call(withArgs(call, { start_iso: startOf(call).replace(offset, "Z") }));
      return setRight(wrong, call, talk);
    },
  },
  {
    name: "same-time-in-utc",
    mistake: "converts the time to UTC: it is the same one, told in the business's zone",
    errsAt: says,
    async err(call, talk) {
      const outcome = await talk.call(withArgs(call, { start_iso: new Date(startOf(call)).toISOString() }));
      talk.expect(outcome.answer?.start === startOf(call), "it isn't told in the business's zone");
      return outcome;
    },
  },
  {
    name: "last-year",
    mistake: "takes the year from its training",
    errsAt: says,
    async err(call, talk) {
      const wrong = await talk.call(withArgs(call, { start_iso: addDays(startOf(call), -364) }));
      talk.expectHint(wrong, "too_soon", "today's date");
      return setRight(wrong, call, talk);
    },
  },
  {
    name: "looks-at-last-year",
    mistake:
      "looks for free times in the past: it must not read that there are none, but that this has passed",
    errsAt: looks,
    async err(call, talk) {
      const passed = { date_iso: addDays(String(call.args.date_iso), -364) };
      const { answer } = await talk.call(withArgs(call, passed));
      talk.expect(answer?.reason === "too_soon", "it isn't told that the day has passed");
      talk.expect(String(answer?.now).startsWith("2027"), "it isn't told the present time");
      return talk.call(call);
    },
  },
  {
    name: "impossible-date",
    mistake: "books on 30 February",
    errsAt: says,
    async err(call, talk) {
      const wrong = withArgs(call, { start_iso: startOf(call).replace(/-\d{2}-\d{2}T/, "-02-30T") });
      talk.expectHint(await talk.call(wrong), "invalid_time", "get_available_slots");
      return lookAndRepeat(call, talk);
    },
  },
  {
    name: "looks-at-an-impossible-date",
    mistake: "looks for free times on 30 February",
    errsAt: looks,
    async err(call, talk) {
      const wrong = await talk.call(withArgs(call, { date_iso: "2027-02-30" }));
      talk.expectHint(wrong, "invalid_time", "date_iso must be a real date written YYYY-MM-DD");
      return talk.call(call);
    },
  },
  {
    name: "spoken-date",
    mistake: "passes on a date as people write it",
    errsAt: says,
    async err(call, talk) {
      const [year, month, day] = startOf(call).slice(0, 10).split("-");
      const spoken = `${day}/${month}/${year} ${startOf(call).slice(11, 16)}`;
      const wrong = await talk.call(withArgs(call, { start_iso: spoken }));
      talk.expectHint(wrong, "invalid_time", "2027-01-18T09:00:00-05:00");
      return talk.call(call);
    },
  },
  {
    name: "over-long-range",
    mistake: "looks at three months at once",
    errsAt: looks,
    async err(call, talk) {
      const wrong = await talk.call(withArgs(call, { days: 92 }));
      talk.expectHint(wrong, "invalid_time", "days must be at most 31");
      return talk.call(call);
    },
  },
  {
    name: "outside-hours",
    mistake: "books ten to midnight",
    errsAt: says,
    async err(call, talk) {
      const late = startOf(call).replace(/T\d{2}:\d{2}/, "T23:50");
      const wrong = await talk.call(withArgs(call, { start_iso: late }));
      talk.expectHint(wrong, ["outside_hours", "too_far"], "get_available_slots");
      return lookAndRepeat(call, talk);
    },
  },
  {
    name: "skips-the-look-up",
    mistake: "books without having looked",
    always: true,
    errsAt: (call, { conversation }) =>
      ["get_business_info", "get_available_slots"].includes(call.tool) &&
      succeeds(call) &&
      conversation.calls.some(says),
    err: async (call, talk, rehearsal) => rehearsal ?? talk.call(call),
  },
];
