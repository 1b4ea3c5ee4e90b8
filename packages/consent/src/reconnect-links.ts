import type { ConnectionStatus, ConnectionStore } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import type { RecordConsent } from "./consent-events.ts";

type ReconnectDeps = {
  readonly record: RecordConsent;
  readonly logger: FastifyBaseLogger;
  /** Makes the link to connect again, unless the connection was renewed or removed meanwhile. */
  readonly issueLink: (customerId: string) => Promise<void>;
  /** Why a connection was probably lost, for the admin. */
  readonly explainLoss: (status: ConnectionStatus) => string | null;
};

/** Wraps the connections: when one is lost, the loss is recorded and the link to connect again is made. */
export function withReconnectLinks(
  connections: ConnectionStore,
  { record, logger, issueLink, explainLoss }: ReconnectDeps,
): ConnectionStore {
  return {
    ...connections,
    async requireReconnect(connection, reason) {
      const lost = await connections.requireReconnect(connection, reason);
      if (lost === undefined) return undefined;
      const { customerId } = connection;
      const detail = { reason, message: explainLoss(lost) ?? reason };
      await record({ customerId, kind: "reconnect_required", detail });
      // After a failure, or when the link has expired, the admin's next `connect` makes one.
      await issueLink(customerId).catch((err: unknown) => {
        logger.error({ err, customer_id: customerId }, "the link to connect again couldn't be made");
      });
      return lost;
    },
  };
}
