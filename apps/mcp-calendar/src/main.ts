import { readConfig, runService } from "@cita/process";
import { configSchema } from "./config.ts";
import { startService } from "./start-service.ts";

await runService("mcp-calendar", async () => {
  const { app } = await startService(readConfig(configSchema, process.env));
  return app;
});
