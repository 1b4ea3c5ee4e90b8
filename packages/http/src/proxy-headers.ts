import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

/**
 * Headers that reverse proxies, load balancers and tunnels add, and that no client sends by itself: RFC 7239 and
 * RFC 9110 (section 7.6.3), nginx, Envoy, Cloudflare (`cloudflared` too), Fly, Fastly, Akamai, Azure, AWS,
 * Google, Tailscale Serve and Funnel, ngrok, dev tunnels. localtunnel, frp, Caddy and Traefik use `X-Forwarded-*`.
 */
const proxyHeaders = new Set([
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

const proxyHeaderPrefixes = [
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

/** Whether a request came through a proxy or a tunnel, from which every client looks local. */
export function cameThroughProxy({ headers }: Pick<FastifyRequest, "headers">): boolean {
  return Object.keys(headers).some(
    (name) => proxyHeaders.has(name) || proxyHeaderPrefixes.some((prefix) => name.startsWith(prefix)),
  );
}

/** Logs once that a proxy seems to be in front although none is trusted: all its clients share one address's limits. */
export const warnOfUntrustedProxy = fastifyPlugin<{ trusted: boolean }>(
  async (app, { trusted }) => {
    let isLogged = trusted;
    app.addHook("onRequest", (request, _reply, done) => {
      if (!isLogged && request.headers["x-forwarded-for"] !== undefined) {
        isLogged = true;
        app.log.warn(
          "A request came with X-Forwarded-For, and TRUST_PROXY is not set. If a proxy is in front, set it: until then all its visitors count as one address.",
        );
      }
      done();
    });
  },
  { name: "untrusted-proxy" },
);
