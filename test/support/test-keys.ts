/** As random as what a service demands. */
export const adminKey = "xOREVX9TZVIu9wGm12F2gkt_8HpNDCw3";
export const serviceKey = "pSqNqQKNN4e9tl8QX6f4Cdokpv6FrgZD";
