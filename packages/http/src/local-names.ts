const localName = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Whether a `Host` header names this machine as only somebody on it can. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && localName.test(host);
}

/** Whether an `Origin` header names a page that this machine itself serves. */
export function isLocalOrigin(origin: string): boolean {
  return isLocalHost(/^https?:\/\/(.+)$/.exec(origin)?.[1]);
}
