import type { Test } from "tap";
import { buildApp } from "../../apps/admin-api/src/app.ts";
import { configSchema } from "../../apps/admin-api/src/config.ts";
import { createServices } from "../../apps/admin-api/src/services.ts";
import { freePort } from "./free-port.ts";
import { adminKey, serviceKey, type World } from "./world.ts";

/** A second admin-api over a world's database. @returns where it is reached. */
export async function startAnotherAdminApi(
  t: Test,
  world: World,
  variables: Record<string, string> = {},
): Promise<string> {
  const port = await freePort();
  const config = configSchema.parse({
    ...{ ADMIN_PORT: port, ADMIN_PUBLIC_URL: world.adminUrl, ADMIN_API_KEY: adminKey },
    ...{ CALENDAR_SERVICE_KEY: serviceKey, CALENDAR_URL: world.mcpUrl, LOG_LEVEL: "silent" },
    ...{ ADMIN_DATABASE_URL: world.databases.admin, ...variables },
  });
  const app = await buildApp(await createServices(config), config);
  await app.listen({ host: "127.0.0.1", port });
  t.teardown(() => app.close());
  return `http://127.0.0.1:${port}`;
}
