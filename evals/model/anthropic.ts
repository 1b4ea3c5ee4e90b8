import { z } from "zod";
import {
  type LanguageModel,
  type LanguageModelOptions,
  maxTokens,
  postJson,
  type Turn,
} from "./language-model.ts";

/** https://docs.anthropic.com/en/api/messages */

const answer = z.object({
  content: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("text"), text: z.string() }),
      z.object({
        type: z.literal("tool_use"),
        id: z.string(),
        name: z.string(),
        input: z.record(z.string(), z.unknown()),
      }),
    ]),
  ),
});

export function createAnthropicModel({ baseUrl, key, model }: LanguageModelOptions): LanguageModel {
  return {
    async generate({ system, tools, turns }) {
      const headers = { "x-api-key": key, "anthropic-version": "2023-06-01" };
      const { content } = answer.parse(
        await postJson(`${baseUrl}/v1/messages`, headers, {
          model,
          max_tokens: maxTokens,
          system,
          tools: tools.map(({ name, description, inputSchema }) => ({
            name,
            description,
            input_schema: inputSchema,
          })),
          messages: turns.map(toMessage),
        }),
      );
      return {
        by: "model",
        text: content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n"),
        calls: content.flatMap((part) =>
          part.type === "tool_use" ? [{ id: part.id, tool: part.name, args: part.input }] : [],
        ),
      };
    },
  };
}

function toMessage(turn: Turn) {
  if (turn.by === "person") return { role: "user", content: turn.text };
  if (turn.by === "tools") return { role: "user", content: turn.answers.map(toResult) };
  const said = turn.text === "" ? [] : [{ type: "text", text: turn.text }];
  const calls = turn.calls.map(({ id, tool, args }) => ({ type: "tool_use", id, name: tool, input: args }));
  return { role: "assistant", content: [...said, ...calls] };
}

function toResult({ id, text, isError }: { id: string; text: string; isError: boolean }) {
  return { type: "tool_result", tool_use_id: id, content: text, is_error: isError };
}
