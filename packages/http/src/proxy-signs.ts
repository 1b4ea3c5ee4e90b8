import type { FastifyRequest } from "fastify";

/**
 * Headers that reverse proxies, load balancers and tunnels add, and that no client sends of itself: RFC 7239 and
 * RFC 9110 (section 7.6.3), nginx, Envoy, Cloudflare (`cloudflared` too), Fly, Fastly, Akamai, Azure, AWS,
 * Google, Tailscale Serve and Funnel, ngrok, dev tunnels. localtunnel, frp, Caddy and Traefik use `X-Forwarded-*`.
 */
const signs = new Set([
  "cdn-loop",
  "client-ip",
  "fastly-client-ip",
  "forwarded",
  "forwarded-for",
  "true-client-ip",
  "via",
  "x-appengine-user-ip",
  "x-azure-clientip",
  "x-azure-ref",
  "x-azure-socketip",
  "x-arr-log-id",
  "x-amz-cf-id",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-original-host",
  "x-proxyuser-ip",
  "x-real-ip",
  "x-remote-addr",
  "x-remote-ip",
]);

const signPrefixes = [
  "cf-",
  "fly-",
  "ngrok-",
  "tailscale-",
  "x-envoy-",
  "x-forwarded",
  "x-original-forwarded-",
  "x-tunnel-",
  "x-vercel-",
];

/** Whether a request came here through a proxy or a tunnel, which makes everybody look local. */
export function cameThroughProxy({ headers }: Pick<FastifyRequest, "headers">): boolean {
  return Object.keys(headers).some(
    (name) => signs.has(name) || signPrefixes.some((prefix) => name.startsWith(prefix)),
  );
}
