import { z } from "zod";
import {
  type LanguageModel,
  type LanguageModelOptions,
  maxTokens,
  postJson,
  type Turn,
} from "./language-model.ts";

/** https://platform.openai.com/docs/api-reference/chat, which many other vendors offer too. */

const answer = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }),
            )
            .nullish(),
        }),
      }),
    )
    .min(1),
});

export function createOpenAiModel({ baseUrl, key, model }: LanguageModelOptions): LanguageModel {
  return {
    async generate({ system, tools, turns }) {
      const { choices } = answer.parse(
        await postJson(
          `${baseUrl}/chat/completions`,
          { authorization: `Bearer ${key}` },
          {
            model,
            max_completion_tokens: maxTokens,
            tools: tools.map(({ name, description, inputSchema }) => ({
              type: "function",
              function: { name, description, parameters: inputSchema },
            })),
            messages: [{ role: "system", content: system }, ...turns.flatMap(toMessages)],
          },
        ),
      );
      const { content, tool_calls } = choices[0]?.message ?? {};
      return {
        by: "model",
        text: content ?? "",
        calls: (tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
          id,
          tool: name,
          args: readArguments(args),
        })),
      };
    },
  };
}

/** None where the model has written invalid JSON: the tool's error then names what is missing. */
function readArguments(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? { ...read } : {};
  } catch {
    return {};
  }
}

function toMessages(turn: Turn): object[] {
  if (turn.by === "person") return [{ role: "user", content: turn.text }];
  if (turn.by === "tools")
    return turn.answers.map(({ id, text }) => ({ role: "tool", tool_call_id: id, content: text }));
  const calls = turn.calls.map(({ id, tool, args }) => ({
    id,
    type: "function",
    function: { name: tool, arguments: JSON.stringify(args) },
  }));
  return [{ role: "assistant", content: turn.text, ...(calls.length > 0 && { tool_calls: calls }) }];
}
