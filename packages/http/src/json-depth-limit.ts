import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** The deepest valid body of any service has 5 levels. */
const maxLevels = 16;

class TooDeepError extends Error {
  override readonly name = "TooDeepError";
  readonly statusCode = 400;
  readonly code = "nested_too_deeply";
  constructor() {
    super(`The body is nested deeper than ${maxLevels} levels.`);
  }
}

/**
 * Refuses deeply nested JSON before it is parsed, for the routes of the plugin that registers it. Parsing 256 kB of
 * brackets takes 40 ms, and serialising the result overflows the stack.
 */
export const jsonDepthLimit = fastifyPlugin(
  async (app: FastifyInstance) => {
    const parse = app.getDefaultJsonParser("error", "error");
    app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
      const json = body.toString();
      if (isDeeperThan(json, maxLevels)) return done(new TooDeepError());
      return parse(request, json, done);
    });
  },
  { name: "json-depth-limit" },
);

const [quote, backslash, openBracket, openBrace, closeBracket, closeBrace] = [...'"\\[{]}'].map((sign) =>
  sign.charCodeAt(0),
);

function isDeeperThan(json: string, levelLimit: number): boolean {
  let levels = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const sign = json.charCodeAt(i);
    if (inText && sign === backslash) i++;
    else if (sign === quote) inText = !inText;
    else if (inText) continue;
    else if (sign === openBracket || sign === openBrace) levels++;
    else if (sign === closeBracket || sign === closeBrace) levels--;
    if (levels > levelLimit) return true;
  }
  return false;
}
