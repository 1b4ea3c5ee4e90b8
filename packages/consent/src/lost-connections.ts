import { explainLoss } from "@cita/providers";
import type { ConnectionStore } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import type { RecordConsent } from "./consent-events.ts";
import type { ReconnectLinks } from "./reconnect-links.ts";

type Deps = { record: RecordConsent; reconnectLinks: ReconnectLinks; logger: FastifyBaseLogger };

/**
 * The same connections; when it is found out that only a new consent can mend one, that is recorded and
 * the link for it is made at once.
 */
export function noticeLostConnections(
  connections: ConnectionStore,
  { record, reconnectLinks, logger }: Deps,
): ConnectionStore {
  return {
    ...connections,
    async requireReconnect(connection, reason) {
      const lost = await connections.requireReconnect(connection, reason);
      if (lost === undefined) return undefined;
      const { customerId } = connection;
      await record({
        customerId,
        kind: "reconnect_required",
        detail: { reason, message: explainLoss(lost) ?? reason },
      });
      // Where this fails, the link is made when the admin next asks for the connection.
      await reconnectLinks.issue(lost).catch((err: unknown) => {
        logger.error({ err, customer_id: customerId }, "the link to connect again couldn't be made");
      });
      return lost;
    },
  };
}
