import type { Prompt } from "@cita/mcp-endpoint";
import { createBookingAssistant, inEnglish, inPortuguese, inSpanish } from "./booking-assistant.ts";

/**
 * What a person may begin a conversation with: texts that tell a model how to answer for the business, one a language,
 * picked by its title. What every client's model is told without being asked is in `instructions/`.
 */
export const prompts: readonly Prompt[] = [inSpanish, inEnglish, inPortuguese].map(createBookingAssistant);
