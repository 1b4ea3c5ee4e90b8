import type { Config } from "../../apps/admin-api/src/config.ts";
import { type Answer, ask } from "./ask.ts";
import { type Finding, ok, problem } from "./finding.ts";

/** Whether admin-api reaches mcp-calendar's management paths and is authorized there. */
export async function checkManagement(config: Config): Promise<Finding[]> {
  const url = `${config.CALENDAR_URL}/activity?limit=1`;
  const headers = { authorization: `Bearer ${config.CALENDAR_SERVICE_KEY}` };
  return [judge(config.CALENDAR_URL, await ask(url, { headers }))];
}

function judge(url: string, answer: Answer): Finding {
  if (answer.kind === "silent")
    return problem(
      `CALENDAR_URL ${url} can't be reached: ${answer.reason}.`,
      "Start mcp-calendar. If it runs, CALENDAR_URL has to name where it listens: MANAGEMENT_HOST and MANAGEMENT_PORT where they are set, else MCP_HOST and MCP_PORT.",
    );
  if (answer.status === 200) return ok(`admin-api is let in at CALENDAR_URL ${url}.`);
  if (answer.status === 401 || answer.status === 429)
    return problem(
      `The mcp-calendar at CALENDAR_URL ${url} doesn't take the service key.`,
      "Give both services the same CALENDAR_SERVICE_KEY and restart them.",
    );
  if (answer.status === 404)
    return problem(
      `There are no management paths at CALENDAR_URL ${url}.`,
      "Where MANAGEMENT_HOST and MANAGEMENT_PORT are set, CALENDAR_URL has to name those.",
    );
  return problem(
    `CALENDAR_URL ${url} answers ${answer.status}, not as mcp-calendar does.`,
    "Look at its log, and at what else may listen there.",
  );
}
