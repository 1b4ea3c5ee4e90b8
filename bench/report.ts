export type Target = { readonly max: number } | { readonly min: number };

export type Measurement = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured beside it, in the same run and unit. */
  readonly comparison?: { readonly name: string; readonly value: number };
  readonly target?: Target;
};

export type Figure = Measurement & {
  /** `value` by the comparison's value. */
  readonly ratio?: number;
  /** False where there is a target and it is missed. */
  readonly ok: boolean;
};

export type BenchmarkOptions = {
  /** Whether to measure another project's code beside ours, where that can be installed. */
  readonly peer: boolean;
  /** What a benchmark's choices begin with, where it chooses by chance. */
  readonly seed: number;
  /** For how long a benchmark that can go on runs. Otherwise its own time. */
  readonly minutes?: number;
};

export type Benchmark = { readonly name: string; run(options: BenchmarkOptions): Promise<Figure[]> };

export type Report = { readonly name: string; readonly figures: readonly Figure[] };

export function toFigure(measurement: Measurement): Figure {
  const { value, comparison, target } = measurement;
  const ratio = comparison && comparison.value !== 0 ? value / comparison.value : undefined;
  return { ...measurement, ...(ratio !== undefined && { ratio }), ok: isMet(value, target) };
}

/** A figure that isn't a number is a broken measurement, so it misses any target. */
function isMet(value: number, target: Target | undefined): boolean {
  if (target === undefined) return true;
  return "max" in target ? value <= target.max : value >= target.min;
}

/** What is being done, on stderr: stdout carries the result alone. */
export function sayProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function toJson(reports: readonly Report[]): string {
  const ok = reports.every(({ figures }) => figures.every((figure) => figure.ok));
  return `${JSON.stringify({ node: process.version, ok, benchmarks: reports }, undefined, 2)}\n`;
}

const header = ["", "measured", "against", "", "ratio", "target", ""];
const alignRight = [false, true, false, true, true, true, false];

/** Readable in 100 columns. */
export function toTable({ name, figures }: Report): string {
  const rows = [header.with(0, name), ...figures.map(toRow)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        alignRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function toRow({ name, value, unit, comparison, ratio, target, ok }: Figure): string[] {
  return [
    name,
    `${show(value)} ${unit}`.trimEnd(),
    comparison?.name ?? "",
    comparison === undefined ? "" : show(comparison.value),
    ratio === undefined ? "" : show(ratio),
    target === undefined ? "" : "max" in target ? `<= ${target.max}` : `>= ${target.min}`,
    target === undefined ? "" : ok ? "ok" : "MISSED",
  ];
}

function show(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
