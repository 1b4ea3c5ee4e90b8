import { readConfig, runService } from "@cita/process";
import { configSchema } from "./config.ts";
import { serve } from "./serve.ts";
import { createServices } from "./services.ts";

await runService("mcp-calendar", async () => {
  const config = readConfig(configSchema, process.env);
  return serve(await createServices(config), config);
});
