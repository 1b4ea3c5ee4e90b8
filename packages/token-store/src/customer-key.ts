/** The key of tokens, links and states: one customer at one provider (`google`). */
export type CustomerKey = { readonly customerId: string; readonly provider: string };
