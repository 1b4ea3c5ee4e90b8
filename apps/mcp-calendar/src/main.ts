import { readConfig, runService } from "@cita/process";
import { createGoogleCalendar } from "./calendars/google-calendar.ts";
import { configSchema } from "./config.ts";
import { serve } from "./serve.ts";
import { createServices } from "./services.ts";

await runService("mcp-calendar", async () => {
  const config = readConfig(configSchema, process.env);
  return serve(await createServices(config, createGoogleCalendar), config);
});
