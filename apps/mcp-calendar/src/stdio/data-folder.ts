import { posix, win32 } from "node:path";

/** What of the environment says where a user's data is kept. */
export type FolderVariables = { readonly XDG_DATA_HOME?: string; readonly APPDATA?: string };

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
