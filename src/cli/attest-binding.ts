/** What binds a new statement to its ledger and counts it: the options that the commands share. */
import { hexOption, numberOption } from './args.ts';
import { LedgerClient } from './client.ts';
import type { Io } from './io.ts';

export const bindingOptions: {
  readonly [name in 'url' | 'origin' | 'authority' | 'seq']: { readonly type: 'string' };
} = {
  url: { type: 'string' },
  origin: { type: 'string' },
  authority: { type: 'string' },
  seq: { type: 'string' },
};

export interface Binding {
  readonly ledger: { readonly origin: string; readonly authority: string };
  readonly occurredAt: string;
  readonly source: { readonly id: string; readonly seq: number };
}

/** Asks the ledger at `url` for what is not given; without it, placeholders that lint takes and no ledger does. */
export async function binding(
  values: { readonly [name in keyof typeof bindingOptions]?: string },
  sourceId: string,
  io: Io,
): Promise<Binding> {
  const inForce = values.url === undefined ? undefined : await new LedgerClient(values.url).authority();
  const authority =
    values.authority === undefined ? inForce?.leafHash : hexOption('authority', values.authority);
  const seq =
    values.seq === undefined ? 1 : numberOption('seq', values.seq, { min: 1, max: Number.MAX_SAFE_INTEGER });
  return {
    ledger: {
      origin: values.origin ?? inForce?.origin ?? 'ledger.example/origin',
      authority: authority ?? '0'.repeat(64),
    },
    occurredAt: new Date(io.now()).toISOString(),
    source: { id: sourceId, seq },
  };
}
