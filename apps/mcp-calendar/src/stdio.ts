#!/usr/bin/env node
import { readConfig, runService } from "@cita/process";
import { stdioConfigSchema } from "./stdio/config.ts";
import { startStdio } from "./stdio/start-stdio.ts";

await runService("cita-calendar", () =>
  startStdio(readConfig(stdioConfigSchema, process.env), {
    input: process.stdin,
    output: process.stdout,
    notes: process.stderr,
  }),
);
