import type { TrialResult } from "./replay.ts";

/** How many conversations each agent passed, and below that the problems of each failed one. */
export function toReport(results: readonly TrialResult[]): string {
  return [tabulate("agent", results, ({ agent }) => agent), formatFailures(results)].join("\n");
}

/** The same for a model, by language and by topic. */
export function toModelReport(results: readonly TrialResult[]): string {
  return [
    tabulate("language", results, ({ conversation }) => conversation.language),
    tabulate("topic", results, ({ conversation }) => conversation.topic),
    formatFailures(results),
  ].join("\n");
}

function formatFailures(results: readonly TrialResult[]): string {
  return failed(results)
    .flatMap(({ conversation, agent, problems }) => [
      `${conversation.id}, ${agent}:\n`,
      ...problems.map((problem) => `  ${problem}\n`),
    ])
    .join("");
}

export function failed(results: readonly TrialResult[]): TrialResult[] {
  return results.filter(({ problems }) => problems.length > 0);
}

function tabulate(
  title: string,
  results: readonly TrialResult[],
  groupOf: (result: TrialResult) => string,
): string {
  const groups = Map.groupBy(results, groupOf);
  const rows = [...groups, ["all", results] as const].map(([name, own]) => {
    const failures = failed(own).length;
    return [name, String(own.length), String(own.length - failures), String(failures)];
  });
  return toTable([title, "conversations", "passed", "failed"], rows);
}

/** The first column is text, the others are counts. */
function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const formatRow = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return `${all.map(formatRow).join("\n")}\n`;
}
