import { wordsOf } from "../language/words.ts";
import type { BusinessDay } from "./business-day.ts";

/** What a host tells its model about this server before anything is called. */
export function writeInstructions({ language, today }: BusinessDay): string {
  const { instructions } = wordsOf(language);
  return [
    instructions.purpose,
    today === undefined ? instructions.askFirst : instructions.today(today),
    ...instructions.steps.map((step, index) => `${index + 1}. ${step}`),
    instructions.rules,
    instructions.translate,
  ].join("\n");
}
