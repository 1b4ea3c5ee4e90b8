/**
 * What a person pastes into a program so that it reaches `/mcp`. docs/agents.md shows the same forms with more about each;
 * a test holds the two together.
 */

export type AgentAccess = {
  /** Of `/mcp`. */
  readonly url: string;
  readonly key: string;
};

/** Stands for the key where it isn't shown any more. */
export const keyPlaceholder = "cita_…";

/** Programs whose configuration is a text. */
export const textClients = ["claude-desktop", "claude-code", "cursor", "vscode", "curl"] as const;
export type TextClient = (typeof textClients)[number];

export const clientNames: Readonly<Record<TextClient | "n8n", string>> = {
  "claude-desktop": "Claude Desktop",
  "claude-code": "Claude Code",
  cursor: "Cursor",
  vscode: "VS Code",
  n8n: "n8n",
  curl: "curl",
};

/** @param phone of the person that a bot serves; undefined: the agent serves the business itself. */
export function configure(client: TextClient, access: AgentAccess, phone?: string): string {
  return writers[client](access, phone);
}

const writers: Readonly<Record<TextClient, (access: AgentAccess, phone?: string) => string>> = {
  // It starts only local programs from its file, so mcp-remote stands in between. No space after `Authorization:`,
  // because some systems split the argument there.
  "claude-desktop": ({ url, key }) =>
    write({
      mcpServers: {
        cita: {
          command: "npx",
          args: ["-y", "mcp-remote", url, "--header", `Authorization:\${CITA_AUTHORIZATION}`],
          env: { CITA_AUTHORIZATION: `Bearer ${key}` },
        },
      },
    }),
  "claude-code": ({ url, key }) =>
    `claude mcp add --transport http cita ${url} --header "Authorization: Bearer ${key}"`,
  cursor: ({ url, key }) => write({ mcpServers: { cita: { url, headers: bearer(key) } } }),
  vscode: ({ url, key }) => write({ servers: { cita: { type: "http", url, headers: bearer(key) } } }),
  curl: ({ url, key }, phone) => {
    const attendee = phone === undefined ? "" : ` -H "X-Attendee-Phone: ${phone}"`;
    const call = { name: "get_business_info", arguments: {} };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call });
    return `curl -s ${url} -H "Authorization: Bearer ${key}"${attendee} \\\n  -H "Content-Type: application/json" -d '${body}'`;
  },
};

function bearer(key: string) {
  return { Authorization: `Bearer ${key}` };
}

function write(configuration: object): string {
  return JSON.stringify(configuration, null, 2);
}
