import { isSpecType, type JSONRPCRequest } from "@modelcontextprotocol/server";

/** Methods of ours whose parameters the SDK answers with "internal error" when they have another shape. */
const shapes = new Map<string, (request: unknown) => boolean>([
  ["initialize", isSpecType.InitializeRequest],
  ["tools/list", isSpecType.ListToolsRequest],
  ["resources/list", isSpecType.ListResourcesRequest],
  ["resources/templates/list", isSpecType.ListResourceTemplatesRequest],
  ["resources/read", isSpecType.ReadResourceRequest],
  ["prompts/list", isSpecType.ListPromptsRequest],
  ["prompts/get", isSpecType.GetPromptRequest],
  ["ping", isSpecType.PingRequest],
]);

/** Whether a request's parameters aren't those of its method, which is the caller's fault: `-32602`. */
export function hasMalformedParams(request: JSONRPCRequest): boolean {
  return shapes.get(request.method)?.(request) === false;
}
