import { ask } from "./ask.ts";
import { type Finding, ok, problem } from "./finding.ts";

/** Whether mcp-calendar answers under the address that consent links start with. */
export async function checkPublicUrl(publicUrl: string): Promise<Finding[]> {
  const url = `${publicUrl}/health`;
  const answer = await ask(url);
  const todo =
    "Start mcp-calendar. If it runs, check MCP_PUBLIC_URL, its DNS name, its certificate and the proxy in front.";
  if (answer.kind === "silent") return [problem(`${url} can't be reached: ${answer.reason}.`, todo)];
  if (answer.status === 200 && answer.body.replaceAll(/\s/g, "") === '{"status":"ok"}') {
    return [ok(`${url} answers.`)];
  }
  return [problem(`${url} answers ${answer.status}, but not as mcp-calendar does.`, todo)];
}
