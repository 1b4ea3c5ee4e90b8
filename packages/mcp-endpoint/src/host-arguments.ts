/**
 * Members that hosts add to a model's arguments. The model can't remove them, and no tool here uses them. Don't add a name
 * that could have a meaning (`timezone`, `service_id`, `id`): dropping it could book another service or time.
 */
export const hostArguments = [
  // n8n, MCP Client Tool (n8n-io/n8n 21500, 21716, 37308)
  "toolCallId",
  "sessionId",
  "action",
  "chatInput",
  "tool",
  // The same in snake case
  "tool_call_id",
  "session_id",
  // Gemini CLI (google-gemini/gemini-cli 27403)
  "wait_for_previous",
  // Cline (cline/cline 9684, 10426)
  "task_progress",
] as const;

export type HostArgument = (typeof hostArguments)[number];

const names: ReadonlySet<string> = new Set(hostArguments);

export function isHostArgument(name: string): name is HostArgument {
  return names.has(name);
}
