import type { Played } from "./play.ts";

/** How many conversations each agent passed, and below what went wrong where. */
export function toReport(played: readonly Played[]): string {
  return [tabulate("agent", played, ({ agent }) => agent), sayFailures(played)].join("\n");
}

/** The same of a model, by language and by topic. */
export function toModelReport(played: readonly Played[]): string {
  return [
    tabulate("language", played, ({ conversation }) => conversation.language),
    tabulate("topic", played, ({ conversation }) => conversation.topic),
    sayFailures(played),
  ].join("\n");
}

function sayFailures(played: readonly Played[]): string {
  return failed(played)
    .flatMap(({ conversation, agent, problems }) => [
      `${conversation.id}, ${agent}:\n`,
      ...problems.map((problem) => `  ${problem}\n`),
    ])
    .join("");
}

export function failed(played: readonly Played[]): Played[] {
  return played.filter(({ problems }) => problems.length > 0);
}

function tabulate(title: string, played: readonly Played[], groupOf: (one: Played) => string): string {
  const groups = Map.groupBy(played, groupOf);
  const rows = [...groups, ["all", played] as const].map(([name, own]) => {
    const failures = failed(own).length;
    return [name, String(own.length), String(own.length - failures), String(failures)];
  });
  return toTable([title, "conversations", "passed", "failed"], rows);
}

/** The first column is text, the others are counts. */
function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return `${all.map(line).join("\n")}\n`;
}
