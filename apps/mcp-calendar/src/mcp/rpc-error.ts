/** @param id of the request it answers; null where none could be read. */
export function rpcError(code: number, message: string, id: string | number | null = null) {
  return { jsonrpc: "2.0", id, error: { code, message } };
}
