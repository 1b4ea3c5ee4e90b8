import type { AgentKeyAudience } from "@cita/calendar-api";
import type { z } from "zod";
import type { BoundAttendee } from "../attendees/bound-attendee.ts";
import type { HostArgument } from "./host-arguments.ts";

/** What a tool knows of its caller. Whose calendar it is, and who is served, never comes from the arguments. */
export type ToolCaller = {
  readonly customerId: string;
  readonly audience: AgentKeyAudience;
  /** The one person whose appointments it reaches. Undefined: all of them. */
  readonly attendee: BoundAttendee | undefined;
};

/** Whose appointments a call reaches; undefined: everybody's. Who serves attendees has been asked for one before. */
export function reachOf({ audience, attendee }: ToolCaller): BoundAttendee | undefined {
  if (audience === "attendee" && attendee === undefined)
    throw new TypeError("A call under a key for attendees names none.");
  return attendee;
}

/** As MCP defines them. That a tool reaches the world outside, as all of ours do, is the protocol's default. */
export type ToolAnnotations = {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
};

/** A tool as its file defines it: it knows neither the transport nor the protocol's library. */
export type ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> = {
  readonly name: string;
  readonly title: string;
  /** Written for a language model. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  /** @throws ToolError for everything a caller can do something about. */
  handle(input: z.output<Input>, caller: ToolCaller): Promise<z.output<Output>>;
};

/** A tool with its types closed over, so that different ones fit in a list. */
export type Tool = Omit<ToolDefinition<z.ZodObject, z.ZodObject>, "handle"> & {
  /**
   * Makes the arguments whole, checks them, then handles.
   * @param noteDropped told of what the host put among them.
   * @throws ToolError
   */
  call(
    args: unknown,
    caller: ToolCaller,
    noteDropped?: (names: readonly HostArgument[]) => void,
  ): Promise<Record<string, unknown>>;
};
