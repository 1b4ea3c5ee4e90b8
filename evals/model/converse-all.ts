import type { World } from "../../test/support/world.ts";
import type { Evals } from "../conversation.ts";
import type { Played } from "../play.ts";
import { openStage } from "../scene.ts";
import { converse } from "./converse.ts";
import type { Provider } from "./provider.ts";

/** Every conversation with a model, one after another. @param name what the model is called in the report. */
export async function converseAll(
  world: World,
  { businesses, conversations }: Evals,
  provider: Provider,
  name: string,
): Promise<Played[]> {
  const stage = await openStage(world, businesses);
  try {
    const played: Played[] = [];
    for (const conversation of conversations) {
      played.push(await converse(stage, conversation, provider, name));
    }
    return played;
  } finally {
    await stage.close();
  }
}
