import type { FastifyRequest } from "fastify";

/** A header as text; undefined when it is missing. */
export function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/**
 * RFC 9110, section 12.5.1. The protocol wants both types named; whoever takes JSON gets JSON, and who
 * names nothing takes anything: plain scripts send no `Accept`.
 */
export function acceptsJson(request: FastifyRequest): boolean {
  const ranges = (headerOf(request, "accept") ?? "")
    .toLowerCase()
    .split(",")
    .map((range) => range.trim());
  return ranges.some(
    (range) =>
      range === "" || /^(application\/json|application\/\*|\*\/\*)\s*(;(?!.*q=0(\.0*)?$)|$)/.test(range),
  );
}

export function acceptsEvents(request: FastifyRequest): boolean {
  return headerOf(request, "accept")?.toLowerCase().includes("text/event-stream") ?? false;
}
