/** Whose tokens, links and states these are: one customer's, at one provider (`google`). */
export type CustomerKey = { readonly customerId: string; readonly provider: string };
