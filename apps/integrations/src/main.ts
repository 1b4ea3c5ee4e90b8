import { readConfig, runService } from "@cita/process";
import { buildApp } from "./app.ts";
import { configSchema } from "./config.ts";
import { createServices } from "./services.ts";

await runService("integrations", async () => {
  const config = readConfig(configSchema, process.env);
  const app = await buildApp(await createServices(config), config);
  await app.listen({ host: config.INTEGRATIONS_HOST, port: config.INTEGRATIONS_PORT });
  return app;
});
