import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

type SourceMap = { sources: string[]; mappings: string };

/**
 * A source map of our own sources alone: Node reads it at each start, and that of the libraries, seven times
 * as large, takes 0.2 s and 100 MiB.
 * @param text of the map, as is the result.
 */
export function withoutLibraries(text: string): string {
  const map: SourceMap = JSON.parse(text);
  const isOwn = map.sources.map((source) => !source.includes("node_modules/"));
  const lines = decode(map.mappings).map((line) => {
    const kept: SourceMapSegment[] = [];
    for (const segment of line) {
      if (segment.length !== 1 && isOwn[segment[1]]) kept.push(segment);
      // Says that what follows has no source: it would count to the segment before.
      else if (kept.at(-1)?.length !== 1) kept.push([segment[0]]);
    }
    return kept;
  });
  const sources = map.sources.map((source, index) => (isOwn[index] ? source : ""));
  return JSON.stringify({ ...map, sources, mappings: encode(lines) });
}
