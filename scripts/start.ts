import { developmentEnvironment } from "./development-environment.ts";
import { givenEnvironment } from "./given-environment.ts";
import { nextSteps } from "./next-steps.ts";
import { ProcessGroup } from "./process-group.ts";

/**
 * `npm start`: everything a person needs to try or develop Cita, in one terminal. Without Google
 * credentials a local Google is started too. Production starts each service alone.
 */
const environment = await developmentEnvironment(await givenEnvironment());
const group = new ProcessGroup(environment.variables);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void group.stop());
// SIGTERM to npm alone ends npm and its shell, which passes nothing on: we only see that they are gone.
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
