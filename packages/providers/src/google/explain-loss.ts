import type { ConnectionStatus } from "@cita/token-store";

const hour = 3_600_000;
const day = 24 * hour;

/** As long as a consent lasts while Google's consent screen has the publishing status Testing. */
const testingLifetime = 7 * day;

/** An access token lasts an hour: so long before it ran out, the grant was alive. */
const tokenLifetime = hour;

/**
 * Why a connection was probably lost and what to do, in sentences for the admin; null for one that isn't
 * lost. Google only says that a grant is dead, so the time tells more: one that died around the seventh
 * day after the consent, or may have while nobody looked, points to the Testing status
 * (https://developers.google.com/identity/protocols/oauth2#expiration).
 */
export function explainLoss(status: ConnectionStatus): string | null {
  const { connectedAt, reconnectRequiredSince: since, reconnectReason: reason } = status;
  if (since === null) return null;
  const known = reason === null ? undefined : knownReasons.get(reason);
  if (known !== undefined) return known;
  const seventhDay = connectedAt.getTime() + testingLifetime;
  const lastAlive = status.tokenExpiry.getTime() - tokenLifetime;
  if (since.getTime() < seventhDay - day / 2)
    return `${endedAfter(since.getTime() - connectedAt.getTime())} ${early}`;
  if (lastAlive <= seventhDay + day / 2) return testing;
  return late;
}

const knownReasons = new Map([
  [
    "invalid_rapt",
    "The business's Google Workspace demands a new sign-in (its session policy). It has to connect again; its " +
      "Workspace administrator can exempt the app by marking it as trusted.",
  ],
  [
    "insufficientPermissions",
    "The business has taken away the permission for its calendar. It has to connect again and leave the calendar box ticked.",
  ],
]);

const testing =
  "The consent ended about 7 days after it was given: most likely the Google project's consent screen still has the " +
  'publishing status "Testing", where every consent lasts 7 days. Publish it, then have the business connect again.';
const early =
  "Most likely the business removed the access in its Google account. If this happens to many within 7 days of " +
  'their consent, the Google project\'s consent screen still has the publishing status "Testing".';
const late =
  "The business removed the access in its Google account, or Google ended it (a changed password, a suspended " +
  "account, too many connections of one account). It has to connect again.";

function endedAfter(ms: number): string {
  const days = Math.floor(ms / day);
  const after = days >= 2 ? `${days} days` : days === 1 ? "a day" : "less than a day";
  return `The consent ended ${after} after it was given.`;
}
