import { Readable } from "node:stream";
import { type JSONRPCRequest, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { boundError } from "./bounded-error.ts";
import { sendEvents, toEvent } from "./event-stream.ts";
import { acceptsEvents, acceptsJson, headerOf } from "./headers.ts";
import { refuseMalformedInitialize } from "./malformed-initialize.ts";
import { rpcError } from "./rpc-error.ts";
import type { AnswerRequest, Sender } from "./server-pool.ts";

export type OlderClientDeps = {
  answerRequest: AnswerRequest;
  /** See `createTurnEnd`. */
  turnEnd(): Promise<void>;
};

/**
 * Answers what a client of 2025-11-25 or before has sent.
 * @param asked undefined: a notification or response, which need no answer and, without a session,
 * concern nobody.
 */
export type AnswerOlderClient = (
  asked: JSONRPCRequest | undefined,
  sender: Omit<Sender, "takesEvents">,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply>;

export function createOlderClientAnswers({ answerRequest, turnEnd }: OlderClientDeps): AnswerOlderClient {
  return async (asked, sender, request, reply) => {
    const id = asked?.id ?? null;
    const isInitialize = asked?.method === "initialize";
    const version = headerOf(request, "mcp-protocol-version");
    // `initialize` negotiates the version itself.
    if (version !== undefined && !isInitialize && !SUPPORTED_PROTOCOL_VERSIONS.includes(version))
      return reply.code(400).send(rpcError(-32_000, unsupportedVersion, id));
    if (asked === undefined) return reply.code(202).send();
    const takesJson = acceptsJson(request);
    const takesEvents = acceptsEvents(request);
    if (!takesJson && !takesEvents) return reply.code(406).send(rpcError(-32_000, acceptable, id));
    const malformed = refuseMalformedInitialize(asked);
    const outcome = malformed ?? (await answerRequest(asked, { ...sender, takesEvents }));
    await turnEnd();
    return sendOutcome(reply, outcome, takesJson);
  };
}

const unsupportedVersion =
  "Unsupported MCP-Protocol-Version. These are supported: " +
  `${SUPPORTED_PROTOCOL_VERSIONS.join(", ")}, and 2026-07-28 with its own envelope.`;
const acceptable = "Answers are JSON or a stream of events: accept application/json or text/event-stream.";

function sendOutcome(reply: FastifyReply, outcome: object, takesJson: boolean): FastifyReply {
  if (outcome instanceof Readable) return sendEvents(reply, outcome);
  const answer = boundError(outcome);
  return takesJson ? reply.send(answer) : sendEvents(reply, toEvent(answer));
}
