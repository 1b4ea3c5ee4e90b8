import { ask } from "./ask.ts";
import { type Finding, ok, problem } from "./finding.ts";

type PublicPath = {
  readonly service: string;
  /** The variable that holds the address. */
  readonly variable: string;
  readonly url: string;
  /** What the service says there. */
  readonly status: string;
};

/** Whether mcp-calendar answers under the address that consent links start with. */
export function checkPublicUrl(publicUrl: string): Promise<Finding[]> {
  const variable = "MCP_PUBLIC_URL";
  return checkPath({ service: "mcp-calendar", variable, url: `${publicUrl}/health`, status: "ok" });
}

/** Whether integrations is ready under the address that providers send browsers back to. */
export function checkIntegrationsUrl(publicUrl: string): Promise<Finding[]> {
  const variable = "INTEGRATIONS_PUBLIC_URL";
  return checkPath({ service: "integrations", variable, url: `${publicUrl}/ready`, status: "ready" });
}

async function checkPath({ service, variable, url, status }: PublicPath): Promise<Finding[]> {
  const answer = await ask(url);
  const todo = `Start ${service}. If it runs, check ${variable}, its DNS name, its certificate and the proxy in front.`;
  if (answer.kind === "silent") return [problem(`${url} can't be reached: ${answer.reason}.`, todo)];
  if (answer.status === 200 && answer.body.replaceAll(/\s/g, "") === JSON.stringify({ status }))
    return [ok(`${url} answers.`)];
  if (answer.status === 503 && answer.body.includes('"not_ready"'))
    return [problem(`${url} answers that ${service} isn't ready.`, "Its log says what it lacks.")];
  return [problem(`${url} answers ${answer.status}, but not as ${service} does.`, todo)];
}
