import type { z } from "zod";
import type { HostArgument } from "./host-arguments.ts";

/** What a tool knows of its caller. Whose calendar it is never comes from the arguments. */
export type ToolCaller = { readonly customerId: string };

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
