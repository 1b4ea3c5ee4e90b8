import type { JSONRPCMessage, JSONRPCRequest, Server, Transport } from "@modelcontextprotocol/server";

/**
 * Lets a server answer one request and closes it: the SDK's own protocol code behind the smallest
 * transport there is. The SDK's HTTP transport builds a web request, a response and streams for every
 * call, which costs more time and memory than the call itself.
 *
 * @param server made for this exchange alone.
 */
export async function exchange(server: Server, request: JSONRPCRequest): Promise<JSONRPCMessage> {
  const { promise: answered, resolve: answer } = Promise.withResolvers<JSONRPCMessage>();
  const transport: Transport = {
    start: async () => undefined,
    send: async (message) => {
      // Whatever else a handler might send has nobody to go to in a single JSON answer.
      if (!("method" in message)) answer(message);
    },
    close: async () => transport.onclose?.(),
  };
  await server.connect(transport);
  try {
    transport.onmessage?.(request);
    return await answered;
  } finally {
    await server.close();
  }
}
