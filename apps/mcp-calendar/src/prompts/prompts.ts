import type { Prompt } from "@cita/mcp-endpoint";
import { createBookingAssistant, inEnglish, inPortuguese, inSpanish } from "./booking-assistant.ts";

/** One a language: a person picks it by its title, in their own. */
export const prompts: readonly Prompt[] = [inSpanish, inEnglish, inPortuguese].map(createBookingAssistant);
