import { readFileSync } from "node:fs";
import t from "tap";
import { replaceTables, toTables } from "../bench/instances/performance-tables.ts";
import type { JsonReport } from "../bench/report.ts";

const read = (path: string) => readFileSync(new URL(`../docs/${path}`, import.meta.url), "utf8");

t.test("the tables of docs/performance.md are those of the figures beside it", async (t) => {
  const report = JSON.parse(read("performance.json")) as JsonReport;
  t.equal(
    replaceTables(read("performance.md"), toTables(report)),
    read("performance.md"),
    "npm run bench:page",
  );
});

t.test("a page without a place for a table is refused", async (t) => {
  t.throws(() => replaceTables("# Performance", { machine: "" }), /no place for the table machine/);
});
