/**
 * Whether a user agent is an app's embedded web view. Google answers those with
 * `403 disallowed_useragent`, so the business has to open the link in its real browser.
 */
export function isInAppBrowser(userAgent: string | undefined): boolean {
  return (
    userAgent !== undefined &&
    /; wv\)|\bFBA[NV]\b|Instagram|WhatsApp\/.*(iPhone|Android)|Line\/|GSA\//.test(userAgent)
  );
}
