import { createWorld, type Lifetime, type World } from "../test/support/world.ts";

/** Both services and a local Google in this process. The evals ask more in a minute than one business is asked. */
export function openWorld(lifetime: Lifetime): Promise<World> {
  const plenty = "1000000";
  return createWorld(lifetime, { variables: { GOOGLE_USER_QUOTA: plenty, GOOGLE_PROJECT_QUOTA: plenty } });
}
