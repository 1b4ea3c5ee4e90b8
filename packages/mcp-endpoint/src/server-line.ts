import { PassThrough, type Readable } from "node:stream";
import type {
  JSONRPCMessage,
  JSONRPCRequest,
  RequestId,
  Server,
  Transport,
  TransportSendOptions,
} from "@modelcontextprotocol/server";
import { toEvent } from "./event-stream.ts";
import type { McpCaller } from "./mcp-caller.ts";
import type { McpServerFactory } from "./protocol-server.ts";

/** Often enough to leave little behind, and seldom enough to cost nothing. */
const wornAfter = 200;

/** One request and what becomes of it. */
type Exchange = {
  readonly caller: McpCaller;
  /** The client's, which others may use as well. */
  readonly id: RequestId;
  /** Ours, never used twice: what is said too late finds nobody. */
  readonly ownId: number;
  readonly takesEvents: boolean;
  readonly answer: (outcome: JSONRPCMessage | Readable) => void;
  events?: PassThrough;
};

/**
 * A protocol server that answers one request at a time: the SDK's own code behind the smallest transport
 * there is. The SDK's HTTP transport builds a web request, a response and streams for every call, which
 * costs more time and memory than the call itself.
 */
export class ServerLine implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  #current: Exchange | undefined;
  readonly #server: Server;
  #closed = false;
  #asked = 0;

  private constructor(createServer: McpServerFactory) {
    this.#server = createServer((id) => this.#callerOf(id));
  }

  static async open(createServer: McpServerFactory): Promise<ServerLine> {
    const line = new ServerLine(createServer);
    await line.#server.connect(line);
    return line;
  }

  /** Whether it can be asked. */
  get isFree(): boolean {
    return this.#current === undefined && !this.#closed;
  }

  /** Whether it has answered so many that it should be connected anew before the next. */
  get isWorn(): boolean {
    return this.#asked > 0 && this.#asked % wornAfter === 0;
  }

  /**
   * Connects the server anew. The SDK notes each request in a map, and drops it after; V8 makes such a map
   * anew each time, and once it has outlived two collections, where only the large ones free it. Those
   * stopped everybody for ten milliseconds twice a second in a full hour.
   */
  async reconnect(): Promise<void> {
    this.onclose?.();
    this.onclose = this.onerror = this.onmessage = undefined;
    await this.#server.connect(this);
  }

  /**
   * @param takesEvents whether the client reads a stream of events.
   * @returns the answer; or, where something is to be said before it (progress, a log line), the events
   * with the answer as the last of them.
   */
  ask(request: JSONRPCRequest, caller: McpCaller, takesEvents: boolean): Promise<JSONRPCMessage | Readable> {
    if (!this.isFree) throw new TypeError("It is answering another request, or closed.");
    const { promise, resolve: answer } = Promise.withResolvers<JSONRPCMessage | Readable>();
    const ownId = ++this.#asked;
    this.#current = { caller, id: request.id, ownId, takesEvents, answer };
    this.onmessage?.({ ...request, id: ownId });
    return promise;
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
    this.onclose?.();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!("method" in message)) return this.#finish(message);
    if ("id" in message)
      throw new Error("A client can't be asked anything: no session outlives this exchange.");
    const exchange = this.#current;
    if (exchange === undefined || exchange.ownId !== options?.relatedRequestId || !exchange.takesEvents)
      return;
    exchange.events ??= this.#openEvents(exchange);
    exchange.events.write(toEvent(message));
  }

  #callerOf(id: RequestId): McpCaller {
    if (this.#current?.ownId !== id) throw new TypeError("This request is answered already.");
    return this.#current.caller;
  }

  #finish(message: Exclude<JSONRPCMessage, JSONRPCRequest>): void {
    const exchange = this.#current;
    if (exchange === undefined || !("id" in message) || message.id !== exchange.ownId) return;
    this.#current = undefined;
    const answer = { ...message, id: exchange.id };
    if (exchange.events === undefined) exchange.answer(answer);
    else exchange.events.end(toEvent(answer));
  }

  /** When the client goes away, what is still at work for it is told so, as if it had asked for that. */
  #openEvents(exchange: Exchange): PassThrough {
    const events = new PassThrough();
    events.once("close", () => {
      if (this.#current === exchange) void this.close();
    });
    exchange.answer(events);
    return events;
  }
}
