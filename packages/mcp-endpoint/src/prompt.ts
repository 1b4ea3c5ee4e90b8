/** A beginning of a conversation that a person picks in their host. Like a tool, it knows no protocol library. */
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
