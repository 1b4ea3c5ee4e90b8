import type { FastifyReply, FastifyRequest } from "fastify";
import { rpcError } from "./rpc-error.ts";

/**
 * An `onRequest` hook that refuses compressed bodies: they would be read as broken JSON. They aren't decompressed,
 * because a kilobyte may unpack to megabytes and requests are small anyway (RFC 9110, section 15.5.16).
 */
export async function refuseEncodedBodies(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const encoding = request.headers["content-encoding"]?.trim() ?? "";
  if (encoding === "" || encoding.toLowerCase() === "identity") return undefined;
  return reply.code(415).header("accept-encoding", "identity").send(rpcError(-32_600, message));
}

const message = "The body is compressed: send it as it is, without Content-Encoding.";
