import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Test } from "tap";

/** Stands between a database and its user, and fails as networks do. */
export type Proxy = {
  readonly port: number;
  /** `swallow`: what is sent in either direction gets lost, and nobody is told. `refuse`: new connections are closed. */
  mode: "pass" | "swallow" | "refuse";
  delayMs: number;
  /** Ends all connections there are. */
  cut(): void;
};

export async function createProxy(t: Pick<Test, "teardown">, targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (proxy.mode === "refuse") {
      client.destroy();
      return;
    }
    const target = connect(targetPort, "127.0.0.1");
    pass(client, target);
    pass(target, client);
  });

  function pass(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on("error", () => undefined);
    from.on("data", (data) => {
      if (proxy.mode === "swallow") return;
      setTimeout(() => to.write(data), proxy.delayMs);
    });
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    mode: "pass",
    delayMs: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
  t.teardown(() => {
    proxy.cut();
    server.close();
  });
  return proxy;
}
