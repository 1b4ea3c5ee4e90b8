import type { Test } from "tap";
import { createConnectedWorlds, integrationsOfLuna } from "./panel-integrations.ts";
import { addPerson } from "./people.ts";
import { createHookCalls } from "./webhooks-world.ts";

export const webhooksOfLuna = `${integrationsOfLuna}/avisos`;

/** Two customers, an admin who looks at them, and webhooks that reach receivers on this machine at once. */
export async function openWithWebhooks(t: Test) {
  const { world, integrations } = await createConnectedWorlds(
    t,
    {},
    {
      ...{ hasBackground: true, begin: Date.now() },
      variables: { WEBHOOK_ALLOW_PRIVATE: "true", CONSENTS_PER_MINUTE: "10000" },
    },
  );
  for (const id of ["luna", "sol"]) await world.connect(id);
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  return { world, integrations, hooks: createHookCalls(integrations), admin };
}
