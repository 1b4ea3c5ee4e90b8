import { createBookingAssistant, inEnglish, inPortuguese, inSpanish } from "./booking-assistant.ts";
import type { Prompt } from "./prompt.ts";

/** One a language: a person picks it by its title, in their own. */
export const prompts: readonly Prompt[] = [inSpanish, inEnglish, inPortuguese].map(createBookingAssistant);
