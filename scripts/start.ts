import { developmentEnvironment, readGivenEnvironment } from "./development-environment.ts";
import { nextSteps } from "./next-steps.ts";
import { ProcessGroup } from "./process-group.ts";

/**
 * `npm start`: runs everything for trying or developing Cita in one terminal, with the sandbox where no Google credentials
 * are set. In production each service is started separately.
 */
const environment = await developmentEnvironment(await readGivenEnvironment());
const group = new ProcessGroup(environment.variables);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void group.stop());
// npm's shell doesn't pass SIGTERM on, so this process only notices that its parent is gone.
if (environment.variables.npm_lifecycle_event !== undefined) whenOrphaned(() => void group.stop());

if (environment.sandbox) await group.start("sandbox", "packages/sandbox/src/main.ts");
await group.start("mcp-calendar", "apps/mcp-calendar/src/main.ts");
await group.start("admin-api", "apps/admin-api/src/main.ts");
if (group.running) process.stdout.write(nextSteps(environment));

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
