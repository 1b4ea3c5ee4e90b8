import type { Loss } from "../strategies/dialect.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long a grant lasts while Google's consent screen has the publishing status Testing. */
const testingLifetimeMs = 7 * dayMs;

/** An access token lasts an hour: an hour before it expired, the grant was alive. */
const tokenLifetimeMs = hourMs;

/**
 * Why a connection was probably lost and what to do, in sentences for the admin. Google only says that the grant has
 * ended, so the guess is by time: a grant that ended about the seventh day after the consent, or wasn't used after that
 * day, points to the publishing status Testing.
 * @returns null for a connection that isn't lost.
 * @see https://developers.google.com/identity/protocols/oauth2#expiration
 */
export function explainLoss(status: Loss): string | null {
  const { connectedAt, reconnectRequiredSince: since, reconnectReason: reason } = status;
  if (since === null) return null;
  const known = reason === null ? undefined : knownReasons.get(reason);
  if (known !== undefined) return known;
  const seventhDay = connectedAt.getTime() + testingLifetimeMs;
  const lastAlive = status.tokenExpiry.getTime() - tokenLifetimeMs;
  if (since.getTime() < seventhDay - dayMs / 2) {
    return `${endedAfter(since.getTime() - connectedAt.getTime())} ${endedEarly}`;
  }
  return lastAlive <= seventhDay + dayMs / 2 ? endedByTesting : endedLate;
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

const endedByTesting =
  "The consent ended about 7 days after it was given: most likely the Google project's consent screen still has the " +
  'publishing status "Testing", where every consent lasts 7 days. Publish it, then have the business connect again.';
const endedEarly =
  "Most likely the business removed the access in its Google account. If this happens to many within 7 days of " +
  'their consent, the Google project\'s consent screen still has the publishing status "Testing".';
const endedLate =
  "The business removed the access in its Google account, or Google ended it (a changed password, a suspended " +
  "account, too many connections of one account). It has to connect again.";

function endedAfter(ms: number): string {
  const days = Math.floor(ms / dayMs);
  const after = days >= 2 ? `${days} days` : days === 1 ? "a day" : "less than a day";
  return `The consent ended ${after} after it was given.`;
}
