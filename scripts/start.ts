import { developmentEnvironment, readGivenEnvironment } from "./development-environment.ts";
import { ProcessGroup } from "./process-group.ts";
import { startText } from "./start-text.ts";

/**
 * `npm start`: both services in one terminal, to try or develop Cita, and the sandbox where no Google credentials
 * are set. Production starts each service alone.
 */
const environment = await developmentEnvironment(await readGivenEnvironment());
const group = new ProcessGroup(environment.variables);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void group.stop());
// npm and its shell end on SIGTERM without passing it on: all that changes here is the parent process.
if (environment.variables.npm_lifecycle_event !== undefined) whenOrphaned(() => void group.stop());

if (environment.sandbox) await group.start("sandbox", "packages/sandbox/src/main.ts");
await group.start("mcp-calendar", "apps/mcp-calendar/src/main.ts");
await group.start("admin-api", "apps/admin-api/src/main.ts");
if (group.running) process.stdout.write(startText(environment));

process.exitCode = await group.ended;

function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 500);
  watch.unref();
}
