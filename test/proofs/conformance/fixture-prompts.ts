import {
  acceptedContent,
  type GetPromptResult,
  type InputRequiredResult,
  inputRequired,
  type PromptArgument,
  type PromptMessage,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { png } from "./fixture-media.ts";

export type FixturePrompt = {
  readonly description: string;
  readonly arguments?: PromptArgument[];
  get(args: Readonly<Record<string, string>>, context: ServerContext): GetPromptResult | InputRequiredResult;
};

const saying = (...content: PromptMessage["content"][]): GetPromptResult => ({
  messages: content.map((one) => ({ role: "user", content: one })),
});

const context = z.object({ context: z.string() });

/** By the names and with the messages that the suite's scenarios describe. */
export const fixturePrompts: Readonly<Record<string, FixturePrompt>> = {
  test_simple_prompt: {
    description: "Text.",
    get: () => saying({ type: "text", text: "This is a simple prompt for testing." }),
  },
  test_prompt_with_arguments: {
    description: "Repeats its arguments.",
    arguments: [
      { name: "arg1", description: "The first.", required: true },
      { name: "arg2", description: "The second.", required: true },
    ],
    get: ({ arg1, arg2 }) =>
      saying({ type: "text", text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  },
  test_prompt_with_embedded_resource: {
    description: "Embeds a resource.",
    arguments: [{ name: "resourceUri", description: "Which.", required: true }],
    get: ({ resourceUri = "" }) =>
      saying(
        {
          type: "resource",
          resource: {
            uri: resourceUri,
            mimeType: "text/plain",
            text: "Embedded resource content for testing.",
          },
        },
        { type: "text", text: "Please process the embedded resource above." },
      ),
  },
  test_prompt_with_image: {
    description: "Embeds an image.",
    get: () =>
      saying(
        { type: "image", data: png, mimeType: "image/png" },
        { type: "text", text: "Please analyze the image above." },
      ),
  },
  test_input_required_result_prompt: {
    description: "Asks for its context first.",
    get(_args, { mcpReq }) {
      const given = acceptedContent(mcpReq.inputResponses, "user_context", context);
      if (given !== undefined) return saying({ type: "text", text: `Use this: ${given.context}` });
      const message = "What context should the prompt use?";
      return inputRequired({
        inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema: context }) },
      });
    },
  },
};
