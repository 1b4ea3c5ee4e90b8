/** A tool as `tools/list` describes it. */
export type ToolDescription = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
};

export type ModelCall = {
  readonly id: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
};

export type ToolAnswer = { readonly id: string; readonly text: string; readonly isError: boolean };

/** One step of a conversation. */
export type Turn =
  | { readonly by: "person"; readonly text: string }
  | { readonly by: "model"; readonly text: string; readonly calls: readonly ModelCall[] }
  | { readonly by: "tools"; readonly answers: readonly ToolAnswer[] };

export type ModelTurn = Extract<Turn, { by: "model" }>;

export type Prompt = {
  readonly system: string;
  readonly tools: readonly ToolDescription[];
  readonly turns: readonly Turn[];
};

/** A vendor's model. */
export type LanguageModel = { generate(prompt: Prompt): Promise<ModelTurn> };

export type LanguageModelOptions = { readonly baseUrl: string; readonly key: string; readonly model: string };

/** Enough for a sentence to the person and a tool call. */
export const maxTokens = 1_024;

const timeoutMs = 60_000;

/** @throws Error with the status and the beginning of the vendor's answer, which doesn't contain the key. */
export async function postJson(url: string, headers: Record<string, string>, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the model answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}
