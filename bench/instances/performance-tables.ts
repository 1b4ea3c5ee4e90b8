import type { Figure, JsonReport } from "../report.ts";

/** The tables of docs/performance.md, by the name in their markers, from what `npm run bench -- instances --json` says. */
export function toTables(report: JsonReport): Record<string, string> {
  const figures = report.benchmarks.find(({ name }) => name === "instances")?.figures ?? [];
  return {
    machine: machineTable(report, figures),
    slots: throughputTable("slots", figures),
    bookings: throughputTable("bookings", figures),
    tools: toolTable(figures),
    room: roomTable(figures),
  };
}

const marker = (name: string) => `<!-- ${name}: npm run bench:page -->`;
const end = "<!-- end -->";

/** @throws where the page has no place for a table. */
export function replaceTables(page: string, tables: Record<string, string>): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const from = text.indexOf(marker(name));
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0)
      throw new Error(`The page has no place for the table ${name}: ${marker(name)} … ${end}`);
    return `${text.slice(0, from)}${marker(name)}\n\n${table}\n\n${text.slice(to)}`;
  }, page);
}

function toMarkdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = header.map((_, column) => (column === 0 ? "---" : "--:"));
  return [header, align, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function machineTable({ node, machine }: JsonReport, figures: readonly Figure[]): string {
  const postgres = figures.find(({ name }) => name === "PostgreSQL's version")?.value;
  const rows = [
    ["cores", `${machine.cores}`],
    ["memory", `${machine.memoryGib} GiB`],
    ["Node", node.replace("v", "")],
    ["PostgreSQL", `${postgres}`],
  ];
  return toMarkdown(["", ""], rows);
}

type Throughput = { place: string; customers: number; perSecond?: number; p50?: number; p99?: number };

function throughputTable(what: "slots" | "bookings", figures: readonly Figure[]): string {
  const rows = new Map<string, Throughput>();
  for (const { name, value } of figures) {
    const [, load, place, count, key] =
      /^(\w+), (.+), (\d+) customers: (throughput|p50|p99)$/.exec(name) ?? [];
    if (load !== what || place === undefined) continue;
    const id = `${place} ${count}`;
    const row = rows.get(id) ?? { place, customers: Number(count) };
    rows.set(id, { ...row, [key === "throughput" ? "perSecond" : (key ?? "")]: value });
  }
  return toMarkdown(
    ["", "customers", "a second", "p50", "p99"],
    [...rows.values()].map(({ place, customers, perSecond, p50, p99 }) => [
      place,
      formatCount(customers),
      formatCount(perSecond),
      `${formatTime(p50)} ms`,
      `${formatTime(p99)} ms`,
    ]),
  );
}

function toolTable(figures: readonly Figure[]): string {
  const rows = figures.flatMap(({ name, value, comparison, ratio }) => {
    const [, tool, engine] = /^(\w+), (\w+), \d+ customers: p50$/.exec(name) ?? [];
    if (tool === undefined || engine === undefined || comparison === undefined) return [];
    return [
      [
        `\`${tool}\`, ${engine}`,
        `${formatTime(comparison.value)} ms`,
        `${formatTime(value)} ms`,
        (ratio ?? 0).toFixed(2),
      ],
    ];
  });
  const [few, many] = customersOf(figures);
  return toMarkdown(["", `${few} customers`, `${many} customers`, "ratio"], rows);
}

function customersOf(figures: readonly Figure[]): string[] {
  const counts = figures
    .flatMap(({ name }) => /, (\d+) customers: throughput$/.exec(name)?.[1] ?? [])
    .map(Number);
  return [formatCount(Math.min(...counts)), formatCount(Math.max(...counts))];
}

function roomTable(figures: readonly Figure[]): string {
  const engines = ["SQLite", "PostgreSQL"];
  const rows = ["customer", "booking", "event"].map((what) => [
    what === "customer" ? "a customer, with all rows" : `one ${what} of them`,
    ...engines.map((engine) => {
      const bytes = figures.find(({ name }) => name === `room, ${engine}: ${what}`)?.value ?? Number.NaN;
      return `${(bytes / 1_000).toFixed(1)} kB`;
    }),
  ]);
  return toMarkdown(["", ...engines], rows);
}

function formatCount(value = Number.NaN): string {
  return Math.round(value).toLocaleString("en");
}

function formatTime(value = Number.NaN): string {
  return value.toFixed(value >= 10 ? 0 : 1);
}
