import { explainLoss } from "@cita/providers";
import type { ConnectionStore, CustomerKey } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import type { RecordConsent } from "./consent-events.ts";

type ReconnectDeps = {
  readonly record: RecordConsent;
  readonly logger: FastifyBaseLogger;
  /** Makes the link to connect again, unless the connection was renewed or removed meanwhile. */
  readonly issueLink: (lost: CustomerKey) => Promise<void>;
};

/** Wraps the connections: when one is lost, the loss is recorded and the link to connect again is made. */
export function withReconnectLinks(
  connections: ConnectionStore,
  { record, logger, issueLink }: ReconnectDeps,
): ConnectionStore {
  return {
    ...connections,
    async requireReconnect(connection, reason) {
      const lost = await connections.requireReconnect(connection, reason);
      if (lost === undefined) return undefined;
      const { customerId, provider } = connection;
      const detail = { reason, message: explainLoss(lost) ?? reason };
      await record({ customerId, kind: "reconnect_required", detail });
      // After a failure, or when the link has expired, the admin's next `connect` makes one.
      await issueLink({ customerId, provider }).catch((err: unknown) => {
        logger.error({ err, customer_id: customerId }, "the link to connect again couldn't be made");
      });
      return lost;
    },
  };
}
