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
   * The live link there is, or a new one. A new link demands the account that was connected, since another account
   * would book into another calendar. An admin may loosen what either demands.
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

type NoticeDeps = {
  readonly record: RecordConsent;
  readonly reconnectLinks: ReconnectLinks;
  readonly logger: FastifyBaseLogger;
};

/** The same connections; the loss of one is recorded, and the link to connect it again is made at once. */
export function withReconnectLinks(
  connections: ConnectionStore,
  { record, reconnectLinks, logger }: NoticeDeps,
): ConnectionStore {
  return {
    ...connections,
    async requireReconnect(connection, reason) {
      const lost = await connections.requireReconnect(connection, reason);
      if (lost === undefined) return undefined;
      const { customerId } = connection;
      const detail = { reason, message: explainLoss(lost) ?? reason };
      await record({ customerId, kind: "reconnect_required", detail });
      // Where this fails, the admin's next `connect` makes the link, as where it has run out.
      await reconnectLinks.issue(lost).catch((err: unknown) => {
        logger.error({ err, customer_id: customerId }, "the link to connect again couldn't be made");
      });
      return lost;
    },
  };
}

/** Makes a consent link accept the account of a connection alone; an account that isn't known restricts nothing. */
export function accountRestriction({
  calendarEmail,
  accountId,
}: Pick<ConnectionStatus, "calendarEmail" | "accountId">): Pick<
  ConsentLinkRequest,
  "customerEmail" | "anyAccount" | "accountId"
> {
  return calendarEmail === null ? {} : { customerEmail: calendarEmail, accountId, anyAccount: false };
}
