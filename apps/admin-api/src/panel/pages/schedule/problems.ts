import type { Language } from "../../language.ts";
import { problemWords } from "./problem-words.ts";

/** What is wrong with a field, in the person's language. */
export type Problems = {
  /** By the name of the field that it stands beside. */
  readonly byField: ReadonlyMap<string, string>;
  /** How many more there are than are named. */
  readonly more: number;
};

export const noProblems: Problems = { byField: new Map(), more: 0 };

/** Fields of their own for each item: what is wrong with one line stands beside the whole text. */
const wholeFields = ["busy_calendars"];

/**
 * The API's problems beside the fields that they are about. Each begins with its path: `services.0.name must not be empty`.
 */
export function readProblems(problems: readonly string[], language: Language): Problems {
  const byField = new Map<string, string>();
  let more = 0;
  for (const problem of problems) {
    const [, path = "", message = problem] = /^([a-z_]+(?:\.[\w-]+)*):? (.*)$/s.exec(problem) ?? [];
    const count = /^and (\d+) more$/.exec(problem)?.[1];
    if (count !== undefined) {
      more = Number(count);
      continue;
    }
    const field = wholeFields.find((name) => path.startsWith(name)) ?? path;
    const text = explain(message, language);
    const before = byField.get(field);
    byField.set(field, before === undefined || before === text ? text : `${before} ${text}`);
  }
  return { byField, more };
}

/** A message that this version doesn't know is shown as it is, in English. */
function explain(message: string, language: Language): string {
  const words = problemWords[language];
  for (const [pattern, say] of explanations) {
    const found = pattern.exec(message);
    if (found !== null) return say(words, found.slice(1));
  }
  return message;
}

type Words = (typeof problemWords)["es"];
type Say = (words: Words, parts: readonly string[]) => string;

/** Ours, whose own tests hold that each of the API's messages is among them. */
const explanations: readonly (readonly [RegExp, Say])[] = [
  [
    /^must be null or a whole number from (\S+) to (\S+)$/,
    (words, [from, to]) => words.numberOrEmpty(from, to),
  ],
  [/^must be a whole number from (\S+) to (\S+)$/, (words, [from, to]) => words.number(from, to)],
  [/^must (?:not be empty|be a text)$/, (words) => words.empty],
  [/^must be at most (\d+) characters$/, (words, [most]) => words.tooLong(most)],
  [/^must be one line/, (words) => words.oneLine],
  [/^must be a real date/, (words) => words.date],
  [/^must be null or a time with its offset/, (words) => words.pause],
  [/^must be null or a time zone's name/, (words) => words.timeZone],
  [/^must be written (\S+)$/, (words, [name]) => words.written(name)],
  [/^must be a time written/, (words) => words.time],
  [/^must have at most (\d+) windows$/, (words, [most]) => words.tooMany(most)],
  [/^must have at most (\d+) services$/, (words, [most]) => words.tooMany(most)],
  [/^must have at most (\d+) calendars$/, (words, [most]) => words.tooMany(most)],
  [/^must have at most (\S+) dates/, (words, [most]) => words.tooManyDates(most)],
  [/^must differ from start/, (words) => words.noLength],
  [/^must be 24:00/, (words) => words.time],
  [/^comes before start/, (words) => words.swapped],
  [/^overlaps (\S+)-(\S+):/, (words, [start, end]) => words.overlaps(start, end)],
  [/^runs into (\S+)-\S+ of (\w+)/, (words, [start, day]) => words.runsInto(start, day)],
  [/^must be null or two capital letters|^is unknown \(/, (words) => words.country],
  [/^must be a region's code/, (words) => words.region],
  [/^must be left out/, (words) => words.noRegions],
  [/^is unknown in \w+: use one of (.*)$/s, (words, [known]) => words.unknownRegion(known)],
  [/^needs a country/, (words) => words.regionAlone],
  [/^must be 1 to 64 of/, (words) => words.serviceId],
  [/^must have at least one service/, (words) => words.noService],
  [/^is the id of another service/, (words) => words.sameId],
  [/^stands here twice: put all windows/, (words) => words.sameDate],
  [/^stands here twice: remove one/, (words) => words.sameCalendar],
  [/^must be a calendar's id/, (words) => words.calendarId],
  [/^must include "primary"/, (words) => words.primary],
  [/^there is no calendar (\S+)/, (words, [id]) => words.noCalendar(id)],
  [/^must be null or one of/, (words) => words.language],
];
