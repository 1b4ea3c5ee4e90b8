type Identity = { version: string; description: string; license: string; engines: { node: string } };

/** The placeholder of a setting, which Claude Desktop replaces. */
const setting = (name: string) => `\${user_config.${name}}`;

/**
 * The manifest of the extension for Claude Desktop, with the settings that it asks its user for.
 * @see https://github.com/anthropics/mcpb/blob/main/MANIFEST.md
 */
export function mcpbManifest({ version, description, license, engines }: Identity, entryPoint: string) {
  return {
    manifest_version: "0.3",
    name: "cita-calendar",
    display_name: "Cita",
    version,
    description,
    long_description:
      "Finds free times in your own Google calendar and books them, each exactly once. Everything stays on this computer: the access to the calendar is stored encrypted in a folder of your own. The first question about a time brings a link with which you connect the calendar.",
    author: { name: "Cita" },
    license,
    keywords: ["calendar", "appointments", "booking", "google"],
    server: {
      type: "node",
      entry_point: entryPoint,
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/${entryPoint}`],
        env: {
          GOOGLE_CLIENT_ID: setting("google_client_id"),
          GOOGLE_CLIENT_SECRET: setting("google_client_secret"),
          MCP_PORT: setting("port"),
        },
      },
    },
    tools_generated: true,
    compatibility: { platforms: ["darwin", "win32", "linux"], runtimes: { node: engines.node } },
    user_config: {
      google_client_id: {
        type: "string",
        title: "Google client ID",
        description: "Of an OAuth client of your Google Cloud project with the Google Calendar API enabled.",
        required: true,
      },
      google_client_secret: {
        type: "string",
        title: "Google client secret",
        description: "Of the same OAuth client. It is kept in your system's keychain.",
        required: true,
        sensitive: true,
      },
      port: {
        type: "number",
        title: "Port for connecting",
        description:
          "While you connect your calendar, the browser comes back to this port: the OAuth client needs the redirect URI http://localhost:<port>/oauth/callback.",
        default: 60_000,
        min: 1,
        max: 65_535,
      },
    },
  };
}
