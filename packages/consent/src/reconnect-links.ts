import { explainLoss } from "@cita/providers";
import type {
  ConnectionStatus,
  ConnectionStore,
  ConsentLinkRequest,
  IssuedLink,
  TokenStore,
} from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import { type RecordConsent, recordLinkIssued } from "./consent-events.ts";

/** Makes the links by which a business connects again after its connection was lost. */
export type ReconnectLinks = {
  /**
   * Returns the live link, or makes a new one. A new link requires the account that was connected, since another account
   * would book into another calendar. An admin may change that requirement.
   *
   * @returns undefined where the connection was renewed or removed meanwhile, and needs no link.
   */
  issue(lost: ConnectionStatus): Promise<IssuedLink | undefined>;
};

type ReconnectLinksDeps = {
  readonly consentLinks: TokenStore["consentLinks"];
  readonly record: RecordConsent;
  /** How long a new link can be used. */
  readonly lifetimeMs: number;
};

export function createReconnectLinks(deps: ReconnectLinksDeps): ReconnectLinks {
  const { consentLinks, record, lifetimeMs } = deps;
  return {
    async issue(lost) {
      const { customerId, provider } = lost;
      const request = { customerId, provider, ...accountRestriction(lost), lifetimeMs };
      const link = await consentLinks.issueForLost(request);
      if (link !== undefined) await recordLinkIssued(record, link);
      return link;
    },
  };
}

type WrapperDeps = {
  readonly record: RecordConsent;
  readonly reconnectLinks: ReconnectLinks;
  readonly logger: FastifyBaseLogger;
};

/** Wraps the connections: when one is lost, the loss is recorded and the link to connect again is made. */
export function withReconnectLinks(
  connections: ConnectionStore,
  { record, reconnectLinks, logger }: WrapperDeps,
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
      await reconnectLinks.issue(lost).catch((err: unknown) => {
        logger.error({ err, customer_id: customerId }, "the link to connect again couldn't be made");
      });
      return lost;
    },
  };
}

/** The members of a link's request by which it accepts only the account of a connection; empty where that isn't known. */
export function accountRestriction({
  calendarEmail,
  accountId,
}: Pick<ConnectionStatus, "calendarEmail" | "accountId">): Pick<
  ConsentLinkRequest,
  "customerEmail" | "anyAccount" | "accountId"
> {
  return calendarEmail === null ? {} : { customerEmail: calendarEmail, accountId, anyAccount: false };
}
