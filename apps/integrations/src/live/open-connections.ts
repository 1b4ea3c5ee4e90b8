import type { FastifyInstance } from "fastify";
import { IntegrationError } from "../answers/integration-error.ts";
import type { LiveConnection } from "./live-connection.ts";
import type { Viewer } from "./viewer.ts";

/** More windows than a person looks at. */
const maxOfSession = 20;

/** Who watches at this moment. */
export type OpenConnections = {
  /** @throws IntegrationError `RATE_LIMITED` where the viewer's session has as many as it may have. */
  expectRoomFor(viewer: Viewer): void;
  add(viewer: Viewer, connection: LiveConnection): void;
};

/** All connections are closed when the service stops. */
export function createOpenConnections(app: FastifyInstance): OpenConnections {
  /** With the session of each; null: a program's. */
  const open = new Map<LiveConnection, string | null>();
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const connection of open.keys()) connection.close();
  });
  const sessionOf = (viewer: Viewer) => (viewer.kind === "program" ? null : viewer.sessionId);

  return {
    expectRoomFor(viewer) {
      const session = sessionOf(viewer);
      if (session === null) return;
      const ofSession = [...open.values()].filter((other) => other === session);
      if (ofSession.length < maxOfSession) return;
      const message = `A session has ${maxOfSession} live connections at the most. Close one.`;
      throw new IntegrationError("RATE_LIMITED", message, { retryAfterSeconds: 60 });
    },

    add(viewer, connection) {
      // Whoever watches may have been looked up while the others were closed.
      if (isStopping) connection.close();
      if (connection.signal.aborted) return;
      open.set(connection, sessionOf(viewer));
      connection.signal.addEventListener("abort", () => open.delete(connection));
    },
  };
}
