import type { Schedule } from "@cita/calendar-api";
import type { Tool, ToolDefinition } from "@cita/mcp-endpoint";
import type { z } from "zod";
import type { BookingDeps } from "../bookings/hold-range.ts";
import { explainFailure } from "./explain-failure.ts";
import { createNormalizer } from "./normalize-arguments.ts";
import { wrongArguments } from "./wrong-arguments.ts";

/** What the tools are made of. */
export type ToolDeps = BookingDeps & { findSchedule: (customerId: string) => Promise<Schedule> };

/** Makes a tool of its definition: it normalizes and checks the arguments, calls `handle`, and explains failures. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { handle, ...description } = definition;
  const normalize = createNormalizer(definition.input);
  return {
    ...description,
    call: async (args, caller, noteDropped) => {
      const normalized = normalize(args);
      if (normalized.dropped.length > 0) noteDropped?.(normalized.dropped);
      const input = definition.input.safeParse(normalized.args);
      if (!input.success || normalized.placeholders.length > 0)
        throw wrongArguments(definition, normalized, input.error?.issues ?? []);
      return handle(input.data, caller).catch((error: unknown) => {
        throw explainFailure(error);
      });
    },
  };
}
