import { readConfig, runService } from "@cita/process";
import { buildApp } from "./app.ts";
import { configSchema } from "./config.ts";
import { createServices } from "./services.ts";

await runService("admin-api", async () => {
  const config = readConfig(configSchema, process.env);
  const app = await buildApp(await createServices(config), config);
  await app.listen({ host: config.ADMIN_HOST, port: config.ADMIN_PORT });
  return app;
});
