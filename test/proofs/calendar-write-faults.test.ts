import t from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { checkFaultMatrix } from "../support/fault-matrix.ts";

checkFaultMatrix(t, testedProvider(import.meta.url), "writes");

testOtherProviders(import.meta.url);
