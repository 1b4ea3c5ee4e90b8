import type { FuzzRequest } from "./fuzz-request.ts";
import type { ListedTool } from "./json-rpc.ts";
import { malformed } from "./malformed.ts";
import { mutateRequest } from "./mutate-request.ts";
import { createRandom } from "./random.ts";
import type { Route } from "./routes.ts";
import { validRequest } from "./valid-request.ts";
import type { WorldKnowledge } from "./world-knowledge.ts";

/** The request of that index. The same seed, index and knowledge make the same request. */
export type RequestGenerator = (index: number) => FuzzRequest;

export type GeneratorOptions = {
  seed: number;
  routes: readonly Route[];
  tools: readonly ListedTool[];
  known: WorldKnowledge;
};

/**
 * A quarter goes to the agents' door, a quarter to all routes in turn, the rest anywhere. In the first turn
 * nothing is wrong with the requests: no route is left out, whatever the seed.
 */
export function createGenerator({ seed, routes, tools, known }: GeneratorOptions): RequestGenerator {
  const agentsDoor = routes.find(({ method, path }) => method === "POST" && path === "/mcp");
  return (index) => {
    const random = createRandom(seed, index);
    const inTurn = routes[Math.floor(index / 4) % routes.length];
    const another = routes[random.below(routes.length)];
    const route = index % 4 === 0 ? inTurn : index % 4 === 1 ? agentsDoor : another;
    if (route === undefined) throw new TypeError("There are no routes, or POST /mcp isn't among them.");
    let request = validRequest(route, known, tools, random);
    if (index % 4 === 0 && index < 4 * routes.length) return request;
    const mutations = random.pick([0, 1, 1, 1, 1, 2, 2, 3]);
    for (let i = 0; i < mutations; i++) request = mutateRequest(request, random);
    return random.chance(0.04) ? { ...request, bytes: malformed(request, random), isValid: false } : request;
  };
}
