import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

const compress = promisify(gzip);

/** Smaller bodies fit into one packet uncompressed. */
const minBytes = 1_400;
const compressible = /^(?:text\/|application\/(?:json|javascript|x-yaml))/;

/** An `onSend` hook for few, large responses that are the same for everybody: each is compressed once and cached. */
export function createGzip() {
  const compressed = new Map<string, Promise<Buffer>>();

  return async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const type = String(reply.getHeader("content-type") ?? "");
    if (reply.statusCode !== 200 || request.method !== "GET" || !compressible.test(type)) return payload;
    reply.header("vary", "accept-encoding");
    if (!acceptsGzip(request)) return payload;
    const name = cacheKey(request, reply);
    if (name === undefined) return payload;
    const known = compressed.get(name);
    if (known !== undefined && payload instanceof Readable) payload.destroy();
    const body = known ?? compressPayload(payload);
    if (body === undefined) return payload;
    compressed.set(name, body);
    // Failures aren't cached.
    body.catch(() => compressed.delete(name));
    reply.removeHeader("content-length").header("content-encoding", "gzip");
    return body;
  };
}

/** The cache key: the ETag or the route. Never the path, since one file has many spellings, each of which would be cached. */
function cacheKey({ routeOptions: { url } }: FastifyRequest, reply: FastifyReply): string | undefined {
  const etag = reply.getHeader("etag");
  if (typeof etag === "string") return etag;
  return url?.includes("*") ? undefined : url;
}

function compressPayload(payload: unknown): Promise<Buffer> | undefined {
  if (typeof payload === "string" || Buffer.isBuffer(payload))
    return payload.length < minBytes ? undefined : compress(payload);
  return payload instanceof Readable ? buffer(payload).then((bytes) => compress(bytes)) : undefined;
}

/** RFC 9110, section 12.5.3. */
function acceptsGzip({ headers }: FastifyRequest): boolean {
  const codings = String(headers["accept-encoding"] ?? "")
    .toLowerCase()
    .split(",", 20);
  return codings.some((coding) => {
    const [name, weight = ""] = coding.split(";", 2).map((part) => part.trim());
    return name === "gzip" && !["q=0", "q=0.0", "q=0.00", "q=0.000"].includes(weight);
  });
}
