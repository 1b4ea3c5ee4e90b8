/** What the load generator uses of autocannon, which brings no types. */
declare module "autocannon" {
  type Request = { body: string; headers: Record<string, string> };
  type Client = { setRequests(requests: readonly Request[]): void };
  type Options = {
    url: string;
    method: "POST";
    connections: number;
    /** Seconds; not used when there is an `amount`. */
    duration?: number;
    /** How many requests all connections send together. */
    amount?: number;
    /** How often it is checked whether the run is over, in milliseconds. */
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
