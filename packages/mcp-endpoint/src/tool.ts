import type { AgentKeyAudience } from "@cita/calendar-api";
import type { z } from "zod";
import type { HostArgument } from "./host-arguments.ts";

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
 * The attendee whose data a call reaches; undefined: everybody's.
 * @throws TypeError for a call under a key of audience `attendee` that names nobody, which `findAttendeeProblem`
 * refuses before any tool is called.
 */
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
  /**
   * Whether the tool reads or writes what belongs to attendees, within `reachOf`. A call to such a tool under a key of
   * audience `attendee` must name an attendee.
   */
  readonly reachesAttendees: boolean;
  /** @throws ToolError for everything a caller can do something about. */
  handle(input: z.output<Input>, caller: ToolCaller): Promise<z.output<Output>>;
};

/** A tool with its types closed over, so that different ones fit in a list. */
export type Tool = Omit<ToolDefinition<z.ZodObject, z.ZodObject>, "handle"> & {
  /**
   * Normalizes the arguments, checks them, then handles the call.
   * @param noteDropped is told which members of the host's were dropped.
   * @throws ToolError
   */
  call(
    args: unknown,
    caller: ToolCaller,
    noteDropped?: (names: readonly HostArgument[]) => void,
  ): Promise<Record<string, unknown>>;
};
