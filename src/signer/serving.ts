/**
 * The far side of `remote.ts`: signs for one server after the other, never for
 * two at once, and ends what it has begun before the next one may ask.
 */
import type { Duplex } from 'node:stream';
import type { AnchorState } from '../cosigner/cosigner.ts';
import { LedgerError } from '../errors.ts';
import { cosign } from '../note/cosignature.ts';
import { verifierOf, type SignerKey } from '../note/key.ts';
import { Lines, formatAnswer, formatHello, parseRequest, type Answer, type Request } from './protocol.ts';
import { LocalSigner, type KeyCosigner } from './signer.ts';

export interface Served {
  readonly origin: string;
  readonly keys: readonly SignerKey[];
  /** Reads the anchor as it is now. */
  readonly openAnchor: () => Promise<AnchorState>;
}

/** Signs for the server at the other end of the stream, until that ends. Never throws. */
export async function servePeer(stream: Duplex, served: Served): Promise<void> {
  const lines = new Lines();
  const session = new Session(served);
  // A server that was killed: nothing is owed to it.
  stream.on('error', () => undefined);
  try {
    stream.write(formatHello(served.keys.map(verifierOf)));
    for await (const chunk of stream) {
      for (const text of lines.push(chunk as Uint8Array)) {
        stream.write(formatAnswer(await session.answer(parseRequest(text))));
      }
    }
  } catch {
    // Whoever sends what no server sends is answered by the end of the stream.
  } finally {
    stream.destroy();
  }
}

/** Tells a server, in place of the greeting, why it is not signed for. */
export function refusePeer(stream: Duplex, error: LedgerError): void {
  stream.on('error', () => undefined);
  stream.end(formatAnswer({ error }));
}

class Session {
  readonly #served: Served;
  #signer: LocalSigner | undefined;

  constructor(served: Served) {
    this.#served = served;
  }

  async answer(request: Request): Promise<Answer> {
    try {
      if (request.do === 'open') return { head: (await this.#open()).anchored };
      if (this.#signer === undefined) {
        throw new LedgerError('bad-request', 'nothing is signed before the anchor is open', {
          expected: 'open first',
        });
      }
      const note = await this.#signer.sign(request.head, request.proof);
      return { head: this.#signer.anchored, note };
    } catch (error) {
      return { error: coded(error), head: this.#signer?.anchored };
    }
  }

  async #open(): Promise<LocalSigner> {
    const { origin, keys, openAnchor } = this.#served;
    this.#signer = new LocalSigner({ anchor: await openAnchor(), origin, keys, cosigner: here });
    return this.#signer;
  }
}

/** In this process, which has nothing else to do meanwhile. */
function here(key: SignerKey): KeyCosigner {
  return {
    cosign: async (text, time) => cosign({ key, text, time }),
    close: async () => undefined,
  };
}

function coded(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  return new LedgerError('internal', 'the signer failed', {
    got: error instanceof Error ? error.message : String(error),
  });
}
