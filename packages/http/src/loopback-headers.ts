const loopbackAuthority = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/**
 * Whether a `Host` header names the loopback interface, with or without a port. In a DNS rebinding attack a web page
 * sends the name of its own site.
 */
export function isLoopbackHostHeader(host: string | undefined): boolean {
  return host !== undefined && loopbackAuthority.test(host);
}

/** Whether an `Origin` header is that of a page from this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  return isLoopbackHostHeader(/^https?:\/\/(.+)$/.exec(origin)?.[1]);
}
