import { availableParallelism, totalmem } from "node:os";

export type Target = { readonly max: number } | { readonly min: number };

export type Measurement = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with: measured in the same run, in the same unit. */
  readonly comparison?: { readonly name: string; readonly value: number };
  readonly target?: Target;
};

export type Figure = Measurement & {
  /** `value` divided by the comparison's value. */
  readonly ratio?: number;
  /** False where a target is missed. */
  readonly ok: boolean;
};

export type BenchmarkOptions = {
  /** Whether to measure cal.com's code too (`slots`), which is installed from npm. */
  readonly peer: boolean;
  /** Fewer and shorter rounds, to see that it works (`instances`, `panel`). */
  readonly quick: boolean;
  /** Of the random numbers (`fuzz`, `soak`). */
  readonly seed: number;
  /** How long to run (`fuzz`, `soak`). Default: the benchmark's own. */
  readonly minutes?: number;
};

export type Benchmark = {
  readonly name: string;
  /** Processes that it leaves running are stopped afterwards. */
  measure(options: BenchmarkOptions): Promise<Measurement[]>;
};

export type Report = { readonly name: string; readonly figures: readonly Figure[] };

export function toFigure(measurement: Measurement): Figure {
  const { value, comparison, target } = measurement;
  const ratio = comparison && comparison.value !== 0 ? value / comparison.value : undefined;
  return { ...measurement, ...(ratio !== undefined && { ratio }), ok: isMet(value, target) };
}

/** NaN misses every target: what should have been measured wasn't. */
function isMet(value: number, target: Target | undefined): boolean {
  if (target === undefined) return true;
  return "max" in target ? value <= target.max : value >= target.min;
}

/** To stderr, since stdout has the report. */
export function logProgress(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function toJson(reports: readonly Report[]): string {
  const ok = reports.every(({ figures }) => figures.every((figure) => figure.ok));
  const machine = { cores: availableParallelism(), memoryGib: Math.round(totalmem() / 2 ** 30) };
  const document = { node: process.version, machine, ok, benchmarks: reports } satisfies JsonReport;
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** What `--json` prints. */
export type JsonReport = {
  readonly node: string;
  readonly machine: { readonly cores: number; readonly memoryGib: number };
  /** Whether all targets are met. */
  readonly ok: boolean;
  readonly benchmarks: readonly Report[];
};

const header = ["", "measured", "against", "", "ratio", "target", ""];
const alignRight = [false, true, false, true, true, true, false];

/** Columns of text, the names of the figures first. */
export function toTable({ name, figures }: Report): string {
  const rows = [header.with(0, name), ...figures.map(toRow)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const formatted = rows.map((row) =>
    row
      .map((cell, column) =>
        alignRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${formatted.join("\n")}\n`;
}

function toRow({ name, value, unit, comparison, ratio, target, ok }: Figure): string[] {
  return [
    name,
    `${formatNumber(value)} ${unit}`.trimEnd(),
    comparison?.name ?? "",
    comparison === undefined ? "" : formatNumber(comparison.value),
    ratio === undefined ? "" : formatNumber(ratio),
    target === undefined ? "" : "max" in target ? `<= ${target.max}` : `>= ${target.min}`,
    target === undefined ? "" : ok ? "ok" : "MISSED",
  ];
}

function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
