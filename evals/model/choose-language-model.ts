import { createAnthropicModel } from "./anthropic.ts";
import type { LanguageModel } from "./language-model.ts";
import { createOpenAiModel } from "./openai.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Of the vendor whose key is set. With both keys, a model called `claude…` is Anthropic's.
 * @returns undefined without a key.
 */
export function chooseLanguageModel(model: string, variables: Variables): LanguageModel | undefined {
  const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY, OPENAI_BASE_URL } = variables;
  if (ANTHROPIC_API_KEY && (!OPENAI_API_KEY || model.startsWith("claude"))) {
    const baseUrl = ANTHROPIC_BASE_URL || "https://api.anthropic.com";
    return createAnthropicModel({ baseUrl, key: ANTHROPIC_API_KEY, model });
  }
  if (!OPENAI_API_KEY) return undefined;
  return createOpenAiModel({
    baseUrl: OPENAI_BASE_URL || "https://api.openai.com/v1",
    key: OPENAI_API_KEY,
    model,
  });
}
