/**
 * @param id of the request it answers; null where none could be read.
 * @param data what programs read: a code, and what belongs to it.
 */
export function rpcError(
  code: number,
  message: string,
  id: string | number | null = null,
  data?: Readonly<Record<string, unknown>>,
) {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data && { data }) } };
}
