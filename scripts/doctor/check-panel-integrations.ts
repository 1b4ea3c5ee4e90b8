import type { Config } from "../../apps/admin-api/src/config.ts";
import { returnPath } from "../../apps/admin-api/src/panel/pages/integrations/attempts.ts";
import type { Config as IntegrationsConfig } from "../../apps/integrations/src/config.ts";
import { type Answer, ask } from "./ask.ts";
import { type Finding, ok, problem } from "./finding.ts";

/**
 * Whether the panel can connect accounts: admin-api is let in by integrations, which lets browsers end at the panel.
 * @param integrations undefined where it is configured elsewhere.
 */
export async function checkPanelIntegrations(
  { INTEGRATIONS_URL: url, CALENDAR_SERVICE_KEY: key, ADMIN_PUBLIC_URL: panelUrl }: Config,
  integrations: Pick<IntegrationsConfig, "ALLOWED_REDIRECT_URIS"> | undefined,
): Promise<Finding[]> {
  if (url === undefined) return [];
  const headers = { authorization: `Bearer ${key}` };
  const reached = judge(url, await ask(`${url}/integrations/providers`, { headers }));
  const panelReturn = `${panelUrl}${returnPath}`;
  if (integrations === undefined || integrations.ALLOWED_REDIRECT_URIS.includes(panelReturn))
    return [reached];
  const todo = `Add ${panelReturn} to ALLOWED_REDIRECT_URIS of integrations, comma-separated.`;
  return [reached, problem("The panel can't connect accounts: its return isn't allowed.", todo)];
}

function judge(url: string, answer: Answer): Finding {
  if (answer.kind === "silent")
    return problem(
      `INTEGRATIONS_URL ${url} can't be reached: ${answer.reason}.`,
      "Start integrations. If it runs, INTEGRATIONS_URL has to name where it listens: INTEGRATIONS_HOST and INTEGRATIONS_PORT.",
    );
  if (answer.status === 200) return ok(`admin-api is let in at INTEGRATIONS_URL ${url}.`);
  if (answer.status === 401 || answer.status === 429)
    return problem(
      `The integrations at INTEGRATIONS_URL ${url} doesn't take the service key.`,
      "Give both services the same CALENDAR_SERVICE_KEY and restart them.",
    );
  return problem(
    `INTEGRATIONS_URL ${url} answers ${answer.status}, not as integrations does.`,
    "Look at its log, and at what else may listen there.",
  );
}
