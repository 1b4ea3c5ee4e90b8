/**
 * The MCP server's `instructions` and `serverInfo`: what a host gives its model about the server as a whole. What each
 * tool is for is in the tool's own description (`../tools`).
 */

import type { Schedule } from "@cita/calendar-api";
import type { FindLanguage } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import { createClock, formatTime, type Language } from "@cita/scheduling";
import { wordsOf } from "../language/language.ts";
import type { Today } from "../language/words.ts";

/** Writes the instructions for a customer. It never rejects. */
export type WriteInstructions = (customerId: string) => Promise<string>;

export type InstructionsDeps = {
  findSchedule(customerId: string): Promise<Schedule>;
  /** The calendar's own time zone, where a reading has shown it. */
  findKnownTimeZone(customerId: string): Promise<string | undefined>;
  findLanguage: FindLanguage;
  logger: Logger;
  now(): number;
};

/** The instructions for a caller whose customer isn't known. */
export const generalInstructions = formatInstructions("en", undefined);

/** Instructions for one customer are in its language, and have today's date at the business. */
export function createInstructions(deps: InstructionsDeps): WriteInstructions {
  return async (customerId) => {
    const language = await deps.findLanguage(customerId);
    return formatInstructions(language, await readToday(deps, customerId, language));
  };
}

/** @returns undefined where the time zone isn't known without a request to the calendar's provider. */
async function readToday(
  deps: InstructionsDeps,
  customerId: string,
  language: Language,
): Promise<Today | undefined> {
  try {
    const { time_zone } = await deps.findSchedule(customerId);
    const timeZone = time_zone ?? (await deps.findKnownTimeZone(customerId));
    if (timeZone === undefined) return undefined;
    const clock = createClock(timeZone);
    const now = deps.now();
    return { date: clock.dateAt(now), weekday: formatTime(clock, now, language).weekday, timeZone };
  } catch (err) {
    // Instructions without the date are still useful: the tools' answers have it too.
    deps.logger.warn({ err, customer_id: customerId }, "today's date couldn't be told in the instructions");
    return undefined;
  }
}

function formatInstructions(language: Language, today: Today | undefined): string {
  const { instructions } = wordsOf(language);
  return [
    instructions.purpose,
    today === undefined ? instructions.askFirst : instructions.today(today),
    ...instructions.steps.map((step, index) => `${index + 1}. ${step}`),
    instructions.rules,
    instructions.translate,
  ].join("\n");
}
