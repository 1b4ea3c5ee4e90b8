/** What a check found. Only a problem needs to be solved. */
export type Finding = {
  readonly state: "ok" | "note" | "problem";
  /** A sentence. It never holds a secret. */
  readonly text: string;
  /** What to do about it. */
  readonly todo?: string | undefined;
};

export const ok = (text: string): Finding => ({ state: "ok", text });
export const note = (text: string, todo?: string): Finding => ({ state: "note", text, todo });
export const problem = (text: string, todo?: string): Finding => ({ state: "problem", text, todo });

const marks = { ok: "ok     ", note: "note   ", problem: "PROBLEM" } as const;

/** A finding as it is printed, with what to do below it. */
export function findingText({ state, text, todo }: Finding): string {
  const indented = (paragraph: string) => paragraph.replaceAll("\n", `\n${" ".repeat(9)}`);
  const advice = todo === undefined ? "" : `\n         -> ${indented(todo)}`;
  return `${marks[state]}  ${indented(text)}${advice}\n`;
}
