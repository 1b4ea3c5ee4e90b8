import { isDeepStrictEqual } from "node:util";

export type ToolResult = {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content: { text: string }[];
};

/** What a tool answered, and its error where it refused. The text is checked to say the same. */
export function readToolResult({ isError, structuredContent, content }: ToolResult) {
  const text = JSON.parse(content[0]?.text ?? "");
  if (isError) return { error: text.error, answer: undefined };
  if (!isDeepStrictEqual(text, structuredContent)) throw new Error("The text says something else.");
  return { error: undefined, answer: text };
}
