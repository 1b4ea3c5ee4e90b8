import { readFileSync, writeFileSync } from "node:fs";
import { replaceTables, toTables } from "./instances/performance-tables.ts";
import { pathOf } from "./processes.ts";
import type { JsonReport } from "./report.ts";

/** npm run bench:page: writes the tables of docs/performance.md anew, from docs/performance.json. */
const page = pathOf("docs/performance.md");
const report = JSON.parse(readFileSync(pathOf("docs/performance.json"), "utf8")) as JsonReport;
writeFileSync(page, replaceTables(readFileSync(page, "utf8"), toTables(report)));
