import type { FastifyInstance } from "fastify";
import { IntegrationError } from "../answers/integration-error.ts";
import type { LiveConnection } from "./live-connection.ts";
import type { Viewer } from "./viewer.ts";

/** More windows than a person looks at. */
const maxOfSession = 20;

/** Who watches at this moment. */
export type OpenConnections = {
  /** @throws IntegrationError `RATE_LIMITED` where the viewer's session has as many as it may have. */
  reserve(viewer: Viewer): Place;
};

/** Of one connection, which is there or is about to be. */
export type Place = {
  /** It is given back when the connection ends. */
  take(connection: LiveConnection): void;
  giveBack(): void;
};

/** All connections are closed when the service stops. */
export function createOpenConnections(app: FastifyInstance): OpenConnections {
  const places = new Set<{ readonly session: string | null; connection?: LiveConnection }>();
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const { connection } of places) connection?.close();
  });

  return {
    reserve(viewer) {
      const session = viewer.kind === "program" ? null : viewer.sessionId;
      const ofSession = session === null ? [] : [...places].filter((place) => place.session === session);
      if (ofSession.length >= maxOfSession) {
        const message = `A session has ${maxOfSession} live connections at the most. Close one.`;
        throw new IntegrationError("RATE_LIMITED", message, { retryAfterSeconds: 60 });
      }
      const place: { readonly session: string | null; connection?: LiveConnection } = { session };
      places.add(place);
      const giveBack = () => void places.delete(place);
      return {
        giveBack,
        take(connection) {
          place.connection = connection;
          connection.signal.addEventListener("abort", giveBack);
          // Whoever watches may have been looked up while the others were closed.
          if (isStopping) connection.close();
          if (connection.signal.aborted) giveBack();
        },
      };
    },
  };
}
