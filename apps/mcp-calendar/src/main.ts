import { readConfig, runService } from "@cita/service";
import { configSchema } from "./config.ts";
import { startService } from "./start-service.ts";

await runService("mcp-calendar", () => startService(readConfig(configSchema, process.env)));
