import type { FastifyInstance } from "fastify";
import { buildApp, buildManagementApp } from "./app.ts";
import { type Config, managementAddressOf } from "./config.ts";
import type { Services } from "./services.ts";

export type Server = {
  readonly app: FastifyInstance;
  /** Undefined: the management paths are in `app`. */
  readonly management: FastifyInstance | undefined;
  /** Finishes what was begun, and closes the database. */
  close(): Promise<void>;
};

/** Starts the services and listens at the configured addresses. Closing the app closes the services. */
export async function serve(services: Services, config: Config): Promise<Server> {
  const managementAddress = managementAddressOf(config);
  const app = await buildApp(services, config);
  const management = managementAddress && (await buildManagementApp(services, config));
  app.addHook("onListen", () => services.startBackground());
  app.addHook("preClose", async () => {
    await Promise.all([services.stopBackground(), management?.close()]);
  });
  app.addHook("onClose", () => services.close());
  await services.start();
  try {
    // Loaded before listening, so that the first call doesn't wait for it.
    await services.loadCalendarClient();
    // Before the public address, so that whoever reaches that one reaches management too.
    await management?.listen(managementAddress);
    await app.listen({ host: config.MCP_HOST, port: config.MCP_PORT });
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, management, close: () => app.close() };
}
