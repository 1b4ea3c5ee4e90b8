import type { AgentKeyAudience } from "@cita/calendar-api";
import type { z } from "zod";
import type { HostArgument } from "./tool-arguments.ts";

/** What a tool knows of its caller. Neither the customer nor the attendee ever comes from the arguments. */
export type ToolCaller = {
  readonly customerId: string;
  /** Whom the caller serves: the business itself, or one attendee in each call. */
  readonly audience: AgentKeyAudience;
  /** The attendee that the call is bound to; undefined: the request named nobody. */
  readonly attendee: BoundAttendee | undefined;
};

/** The attendee a call is bound to: a phone number, an opaque id of the channel, or both. */
export type BoundAttendee =
  | { readonly phone: string; readonly ref: string | null }
  | { readonly phone: null; readonly ref: string };

/**
 * The attendee to whose data a call is restricted; undefined: it reaches every attendee's.
 * @throws TypeError for a call under a key of audience `attendee` that names nobody, which `findAttendeeProblem`
 * refuses before any tool is called.
 */
export function reachOf({ audience, attendee }: ToolCaller): BoundAttendee | undefined {
  if (audience === "attendee" && attendee === undefined)
    throw new TypeError("A call under a key for attendees names none.");
  return attendee;
}

/** MCP's annotations. `openWorldHint` is left out: its default is right for all tools here. */
export type ToolAnnotations = {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
};

/** A tool as its file defines it. It knows neither the transport nor the MCP SDK. */
export type ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> = {
  readonly name: string;
  readonly title: string;
  /** Written for a language model. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  /**
   * Whether the tool reads or writes what belongs to attendees, within `reachOf`. A call to such a tool under a key of
   * audience `attendee` must name an attendee.
   */
  readonly reachesAttendees: boolean;
  /** @throws ToolError for everything a caller can do something about. */
  handle(input: z.output<Input>, caller: ToolCaller): Promise<z.output<Output>>;
};

/** A tool without its type parameters, so that different tools fit in a list. */
export type Tool = Omit<ToolDefinition<z.ZodObject, z.ZodObject>, "handle"> & {
  /**
   * Normalizes and checks the arguments, then handles the call.
   * @param noteDropped called with the members of the host that were dropped.
   * @throws ToolError
   */
  call(
    args: unknown,
    caller: ToolCaller,
    noteDropped?: (names: readonly HostArgument[]) => void,
  ): Promise<Record<string, unknown>>;
};
