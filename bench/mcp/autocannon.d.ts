/** The part of autocannon's API that load-worker.ts uses: the package has no types. */
declare module "autocannon" {
  type Request = { body: string; headers: Record<string, string> };
  type Client = { setRequests(requests: readonly Request[]): void };
  type Options = {
    url: string;
    method: "POST";
    connections: number;
    /** In seconds. Ignored where `amount` is set. */
    duration?: number;
    /** Of requests, over all connections together. */
    amount?: number;
    /** Milliseconds between two checks whether the run is over. */
    sampleInt: number;
    /** Stops after this many errors or mismatches. */
    bailout: number;
    setupClient(client: Client): void;
    verifyBody(body: string): boolean;
  };
  type Run = Promise<{ errors: number; mismatches: number; non2xx: number }> & {
    on(
      event: "response",
      heard: (client: Client, status: number, bytes: number, milliseconds: number) => void,
    ): Run;
    on(event: "reqError", heard: (error: Error) => void): Run;
    on(event: "reqMismatch", heard: (body: string) => void): Run;
  };
  function autocannon(options: Options): Run;
  export = autocannon;
}
