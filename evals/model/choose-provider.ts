import { createAnthropic } from "./anthropic.ts";
import { createOpenAi } from "./openai.ts";
import type { Provider } from "./provider.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The vendor whose key is there; where both are, a model called `claude…` is asked of Anthropic. */
export function chooseProvider(model: string, variables: Variables): Provider | undefined {
  const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY, OPENAI_BASE_URL } = variables;
  if (ANTHROPIC_API_KEY && (!OPENAI_API_KEY || model.startsWith("claude"))) {
    const baseUrl = ANTHROPIC_BASE_URL || "https://api.anthropic.com";
    return createAnthropic({ baseUrl, key: ANTHROPIC_API_KEY, model });
  }
  if (!OPENAI_API_KEY) return undefined;
  return createOpenAi({
    baseUrl: OPENAI_BASE_URL || "https://api.openai.com/v1",
    key: OPENAI_API_KEY,
    model,
  });
}
