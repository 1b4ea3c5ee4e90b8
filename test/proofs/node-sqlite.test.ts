import { runOnNodeSqlite } from "../../packages/database/test/run-on-node-sqlite.ts";

for (const name of ["concurrency", "migrate"]) runOnNodeSqlite(name);
