const API = "https://www.googleapis.com/auth/";
const SHORT_NAMES: Record<string, string> = {
  email: `${API}userinfo.email`,
  profile: `${API}userinfo.profile`,
};

const DESCRIPTIONS: Record<string, string> = {
  openid: "Associate you with your personal info on Google",
  [`${API}userinfo.email`]: "See your primary Google Account email address",
  [`${API}userinfo.profile`]:
    "See your personal info, including any personal info you've made publicly available",
  [`${API}calendar`]:
    "See, edit, share, and permanently delete all the calendars you can access using Google Calendar",
  [`${API}calendar.events`]: "View and edit events on all your calendars",
  [`${API}calendar.readonly`]: "See and download any calendar you can access using your Google Calendar",
  [`${API}calendar.events.readonly`]: "View events on all your calendars",
};

/** A requested scope by the name Google answers with: `email` comes back as its long form. */
export function canonicalScope(scope: string): string {
  return SHORT_NAMES[scope] ?? scope;
}

/** Whether Google would know the scope at all. */
export function isKnownScope(scope: string): boolean {
  return scope === "openid" || canonicalScope(scope).startsWith(API);
}

/** Sign-in scopes come with any consent; a person can untick only the others. */
export function isIdentityScope(canonical: string): boolean {
  return canonical === "openid" || canonical.startsWith(`${API}userinfo.`);
}

/** What the consent page says a scope is for. */
export function describeScope(canonical: string): string {
  return DESCRIPTIONS[canonical] ?? canonical;
}
