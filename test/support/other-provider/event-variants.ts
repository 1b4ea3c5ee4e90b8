import type { EventVariant, VariedEvents } from "../tested-provider.ts";

/** Each way an entry of the made-up provider can be. */
const variants: readonly EventVariant[] = [
  { members: {}, effect: "blocks" },
  { members: { shows: "maybe" }, effect: "unsettled" },
  { members: { shows: "free" }, effect: "nothing" },
  { members: { state: "called_off" }, effect: "nothing" },
  { members: { answer: "accepted" }, effect: "blocks" },
  { members: { answer: "maybe" }, effect: "unsettled" },
  { members: { answer: "declined" }, effect: "nothing" },
  { members: { answer: "accepted", shows: "maybe" }, effect: "unsettled" },
  { members: { answer: "maybe", shows: "free" }, effect: "nothing" },
  { members: { answer: "maybe", state: "called_off" }, effect: "nothing" },
  { members: { answer: "declined", shows: "maybe" }, effect: "nothing" },
];

export const agendaEvents: VariedEvents = {
  variants,
  hasDaysWithoutLength: false,
  write({ start, end, weekly }, { members }, { timeZone }) {
    const wholeDay = !start.includes("T");
    const spell = (text: string) => (wholeDay ? `${text} 00:00:00` : text.replace("T", " "));
    return {
      ...{ title: "x", wholeDay, ...members },
      when: { from: spell(start), to: spell(end), clock: wholeDay ? "UTC" : timeZone },
      ...(weekly > 1 && { repeats: { everyDays: 7, times: weekly } }),
    };
  },
};
