import type {
  ConnectionStatus,
  ConsentLink,
  ConsentLinkRequest,
  IssuedLink,
  TokenStore,
} from "@cita/token-store";
import type { RecordConsent } from "./consent-events.ts";
import { recordIssued } from "./issued-links.ts";

/** The link by which a business connects again after its connection was lost. */
export type ReconnectLinks = {
  /**
   * The live link there is, or a new one. A new link demands the account that was connected, since another
   * account would book into another calendar. An admin may loosen what either demands.
   *
   * @param newest the customer's newest link, where it was just read.
   * @returns undefined where the connection was renewed or removed meanwhile, and needs no link.
   */
  issue(lost: ConnectionStatus, newest?: ConsentLink): Promise<IssuedLink | undefined>;
};

type Deps = { consentLinks: TokenStore["consentLinks"]; record: RecordConsent; lifetimeMs: number };

export function createReconnectLinks({ consentLinks, record, lifetimeMs }: Deps): ReconnectLinks {
  return {
    async issue(lost, known) {
      const { customerId, provider } = lost;
      const newest = known ?? (await consentLinks.latest({ customerId, provider }))?.link;
      if (newest !== undefined && isLive(newest)) return newest;
      const link = await consentLinks.issueForLost({
        customerId,
        provider,
        ...sameAccount(lost),
        lifetimeMs,
      });
      if (link !== undefined) await recordIssued(record, link);
      return link;
    },
  };
}

/** What a link has to expect so that only the account of a connection will do. */
export function sameAccount({
  calendarEmail,
  accountId,
}: Pick<ConnectionStatus, "calendarEmail" | "accountId">): Pick<
  ConsentLinkRequest,
  "customerEmail" | "anyAccount" | "accountId"
> {
  return calendarEmail === null ? {} : { customerEmail: calendarEmail, accountId, anyAccount: false };
}

function isLive<Link extends { state: string; token: string | null }>(
  link: Link,
): link is Link & { token: string } {
  return link.state === "live" && link.token !== null;
}
