import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below those that systems hand out by themselves: one of these isn't taken by the next connection of anybody. */
const lowest = 11_000;
const parts = 64;
const portsOfPart = 328;

/** Each process picks in a part of its own, one port after the other: between picking and listening another may pick, too. */
const part = process.pid % parts;
let picked = randomInt(portsOfPart);

/** A port that was free a moment ago, and that nobody else is likely to have picked. */
export async function freePort(): Promise<number> {
  const port = lowest + part * portsOfPart + (picked++ % portsOfPart);
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
