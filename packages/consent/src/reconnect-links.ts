import { explainLoss } from "@cita/providers";
import type { ConnectionStore, TokenStore } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import { type RecordConsent, recordLinkIssued } from "./consent-events.ts";

type ReconnectDeps = {
  readonly consentLinks: TokenStore["consentLinks"];
  readonly record: RecordConsent;
  readonly logger: FastifyBaseLogger;
  /** How long a new link can be used. */
  readonly linkLifetimeMs: number;
};

/** Wraps the connections: when one is lost, the loss is recorded and the link to connect again is made. */
export function withReconnectLinks(
  connections: ConnectionStore,
  { consentLinks, record, logger, linkLifetimeMs }: ReconnectDeps,
): ConnectionStore {
  return {
    ...connections,
    async requireReconnect(connection, reason) {
      const lost = await connections.requireReconnect(connection, reason);
      if (lost === undefined) return undefined;
      const { customerId, provider } = connection;
      const detail = { reason, message: explainLoss(lost) ?? reason };
      await record({ customerId, kind: "reconnect_required", detail });
      try {
        const link = await consentLinks.issueForLost({ customerId, provider, lifetimeMs: linkLifetimeMs });
        if (link !== undefined) await recordLinkIssued(record, link);
      } catch (err) {
        // After a failure, or when the link has expired, the admin's next `connect` makes one.
        logger.error({ err, customer_id: customerId }, "the link to connect again couldn't be made");
      }
      return lost;
    },
  };
}
