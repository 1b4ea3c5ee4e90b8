import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import type { Fault } from "@cita/sandbox";
import type { IntegrationsWorld } from "./integrations-world.ts";

/** @throws where there is no such provider */
export function providerOf(id: string): AccountProvider {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

type Stood = Pick<IntegrationsWorld, "sandboxUrl">;

/** A control of the stand-ins, such as `faults` or `providers/tiktok/revoke`. */
export async function controlStandIn({ sandboxUrl }: Stood, path: string, body: object = {}): Promise<void> {
  const response = await fetch(`${sandboxUrl}/_sandbox/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}

export async function addFault(world: Stood, fault: Partial<Fault> & Pick<Fault, "path">): Promise<void> {
  await controlStandIn(world, "faults", fault);
}

export async function clearFaults({ sandboxUrl }: Stood): Promise<void> {
  await fetch(`${sandboxUrl}/_sandbox/faults`, { method: "DELETE" });
}

/** How often each endpoint was called, as `METHOD /host/path`. */
export async function readCalls({ sandboxUrl }: Stood): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(`${sandboxUrl}/_sandbox/calls`);
  return ((await response.json()) as { by: Record<string, number> }).by;
}
