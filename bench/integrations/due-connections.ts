import { openDatabase } from "@cita/database";
import { createLogger, readConfig } from "@cita/process";
import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import { createConfigSchema } from "../../apps/integrations/src/config.ts";
import { createServices } from "../../apps/integrations/src/services.ts";
import { clientVariables } from "../../test/support/integrations-world.ts";
import { adminKey, serviceKey } from "../servers.ts";

const yearMs = 365 * 86_400_000;
const hourMs = 3_600_000;

/** Connections as consents leave them, which are due all at once as often as it is wanted. */
export type DueConnections = {
  /** Makes all of them due. */
  makeDue(): Promise<void>;
  /** Makes none of them due. */
  endDue(): Promise<void>;
  close(): Promise<void>;
};

/** Fills a database before the service is started over it. @param each how many of each provider */
export async function fillDatabase(
  databaseUrl: string,
  encryptionKey: string,
  { providers, each }: { providers: readonly AccountProvider[]; each: number },
): Promise<DueConnections> {
  const config = readConfig(createConfigSchema(accountProviders), {
    ...clientVariables(accountProviders),
    ...{ ADMIN_API_KEY: adminKey, CALENDAR_SERVICE_KEY: serviceKey, TOKEN_ENCRYPTION_KEY: encryptionKey },
    INTEGRATIONS_DATABASE_URL: databaseUrl,
  });
  const services = await createServices(config, { logger: createLogger("fatal") });
  for (const provider of providers) for (let i = 0; i < each; i++) await connect(services, provider, i);
  await services.close();
  const db = openDatabase(databaseUrl).withTables<{
    integrations: { renew_at: string; probe_due: string };
  }>();
  const setDue = async (inMs: number) => {
    const [renew_at, probe_due] = [inMs, yearMs].map((ms) => new Date(Date.now() + ms).toISOString());
    await db.updateTable("integrations").set({ renew_at, probe_due }).execute();
  };
  await setDue(yearMs);
  return {
    makeDue: () => setDue(-hourMs),
    endDue: () => setDue(yearMs),
    close: () => db.destroy(),
  };
}

async function connect(
  { states, integrations }: Pick<Awaited<ReturnType<typeof createServices>>, "states" | "integrations">,
  { id: provider }: AccountProvider,
  i: number,
): Promise<void> {
  const [now, end] = [new Date(), new Date(Date.now() + 6 * hourMs)];
  const common = {
    ...{ userId: `user-${i}`, organizationId: null, provider, metadata: {}, inputs: {}, scopes: [] },
    clientId: "sandbox-client",
  };
  const state = await states.start({
    ...{ ...common, state: `state-${provider}-${i}`, redirectUri: "https://app.example/", loginHint: null },
    expiresAt: end,
  });
  await integrations.connect(state.id, {
    ...common,
    account: { id: `account-${i}`, name: null, email: null },
    tokens: {
      ...{ accessToken: `access-${i}`, refreshToken: `refresh-${i}`, tokenType: "bearer", facts: {} },
      ...{ issuedAt: now, expiresAt: end, renewAt: end, accessEndsAt: null },
    },
  });
}
