import fastifyPlugin from "fastify-plugin";

/** Says once that a proxy is in front and nobody told us: then all visitors share one address, and its limits. */
export const warnOfUntrustedProxy = fastifyPlugin<{ trusted: boolean }>(
  async (app, { trusted }) => {
    let said = trusted;
    app.addHook("onRequest", (request, _reply, done) => {
      if (!said && request.headers["x-forwarded-for"] !== undefined) {
        said = true;
        app.log.warn(
          "A request came with X-Forwarded-For, and TRUST_PROXY is not set. If a proxy is in front, set it: until then all its visitors count as one address.",
        );
      }
      done();
    });
  },
  { name: "untrusted-proxy" },
);
