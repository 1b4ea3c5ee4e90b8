import { homedir } from "node:os";
import { join, posix, win32 } from "node:path";
import { customerId } from "@cita/calendar-api";
import { configuredClients } from "@cita/providers";
import { z } from "zod";
import { calendarProviders } from "../calendar-providers.ts";
import { providerVariables, variables } from "../config.ts";

const { TOKEN_ENCRYPTION_KEY, LOG_LEVEL, MCP_PORT, ...shared } = variables.pick({
  MCP_PORT: true,
  TOKEN_ENCRYPTION_KEY: true,
  OAUTH_SUCCESS_URL: true,
  CONSENT_LINK_DAYS: true,
  RETENTION_DAYS: true,
  CALENDAR_CACHE_SECONDS: true,
  GOOGLE_USER_QUOTA: true,
  GOOGLE_PROJECT_QUOTA: true,
  LOG_LEVEL: true,
}).shape;

/** Every variable of ours that `cita-calendar` reads. */
export const stdioVariables = z.object({
  ...providerVariables.shape,
  ...shared,
  CUSTOMER_ID: customerId.default("owner"),
  /** Where the consent pages are served while they are needed. Never 0: the redirect URI that is registered at the provider has the port. */
  MCP_PORT: MCP_PORT.refine((port) => port > 0, "must be a port number"),
  DATABASE_URL: z
    .string()
    .regex(/^file:(?!:memory:)./, "must start with file: and name a file")
    .optional(),
  TOKEN_ENCRYPTION_KEY: TOKEN_ENCRYPTION_KEY.optional(),
  LOG_LEVEL: LOG_LEVEL.unwrap().default("warn"),
});

/** Our variables, and those of the platform that say where a user's data goes. */
export const stdioConfigSchema = z
  .intersection(
    stdioVariables.extend({ XDG_DATA_HOME: z.string().optional(), APPDATA: z.string().optional() }),
    configuredClients(calendarProviders),
  )
  .transform((config) => ({
    ...config,
    MCP_PUBLIC_URL: `http://localhost:${config.MCP_PORT}`,
    DATABASE_URL:
      config.DATABASE_URL ?? `file:${join(dataFolder(process.platform, homedir(), config), "calendar.db")}`,
  }));

export type StdioConfig = z.output<typeof stdioConfigSchema>;

/** The variables of the platform that say where a user's data is kept. */
type FolderVariables = { readonly XDG_DATA_HOME?: string | undefined; readonly APPDATA?: string | undefined };

/**
 * The platform's folder for what a program keeps for one user.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ where a relative path counts as none.
 */
export function dataFolder(platform: NodeJS.Platform, home: string, variables: FolderVariables): string {
  const { XDG_DATA_HOME: xdg, APPDATA } = variables;
  if (platform === "win32") return win32.join(APPDATA ?? win32.join(home, "AppData", "Roaming"), "Cita");
  if (platform === "darwin") return posix.join(home, "Library", "Application Support", "Cita");
  const base = xdg !== undefined && posix.isAbsolute(xdg) ? xdg : posix.join(home, ".local", "share");
  return posix.join(base, "cita");
}
