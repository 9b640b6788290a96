/** Where the fixture is, and the names that stand in it for what each run chooses anew. */
import { fileURLToPath } from 'node:url';

/** `test/fixtures/ledger`, from `dist/test/compat`. */
export const fixture: string = fileURLToPath(new URL('../../../test/fixtures/ledger', import.meta.url));

/** Where the ledger's trust file says that its witnesses are: a port at which nobody listens. */
export const restingWitness = 'http://127.0.0.1:47';

/** Where the monitor's watch list says that the ledger is. */
export const restingUrl = 'http://127.0.0.1:6962';

/** The newest checkpoint was cosigned then, and every command is run a little later. */
export const asOf: number = Date.UTC(2026, 10, 28, 12);
export const now: number = Date.UTC(2026, 10, 28, 12, 30);
