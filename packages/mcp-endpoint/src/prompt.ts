/** A conversation's beginning that a person picks in their host. It knows neither the transport nor the protocol's library. */
export type Prompt = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** All of them may be left out. */
  readonly arguments: readonly PromptArgument[];
  /** @param args only those that were given. @returns what the person says to the model. */
  write(args: Readonly<Record<string, string>>): string;
};

export type PromptArgument = { readonly name: string; readonly title: string; readonly description: string };
