import type { Lifetime } from "../world.ts";
import { agendaVariables, buildAgenda } from "./sandbox/sandbox.ts";

/** Starts the made-up provider beside a world's own. */
export async function startAgenda(t: Lifetime, now: () => number = Date.now) {
  const { app, grants, settings, takeTokenRequests } = buildAgenda(now);
  t.teardown(() => app.close());
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    variables: agendaVariables(url),
    /** What its token endpoint answers from now on, instead of tokens. */
    fail(fault: string | undefined) {
      settings.fault = fault;
    },
    /** The `iss` of its authorization responses from now on. */
    nameIssuer(issuer: string) {
      settings.issuer = issuer;
    },
    /** Whoever has an account there ends the access. */
    endAllGrants: () => grants.end(),
    /** The requests of its token endpoint since the last look. */
    take: takeTokenRequests,
  };
}
