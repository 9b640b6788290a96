/**
 * A server that lies: it stands between the commands and a ledger in the place
 * of the network, and answers whatever a test wants it to.
 */
export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Paths are those below the ledger's prefix, with their query and without a slash before them. */
export type Spoil = (path: string, honest: Reply) => Reply;

export class Network {
  readonly #base: string;
  readonly #complete: Spoil;
  readonly #known = new Map<string, Reply>();

  /** `complete` makes of each answer of the ledger the one that counts as honest. */
  constructor(url: string, complete: Spoil = (_, honest) => honest) {
    this.#base = `${url.replace(/\/$/, '')}/`;
    this.#complete = complete;
  }

  /** Runs `work` with every answer passed through `spoil`; each is asked of the real ledger once. */
  async run<T>(work: () => Promise<T>, spoil: Spoil = (_, honest) => honest): Promise<T> {
    const { fetch } = globalThis;
    globalThis.fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.startsWith(this.#base)) throw new Error(`a stranger was asked: ${url}`);
      const path = url.slice(this.#base.length);
      const { status, body } = spoil(path, await this.#honest(path, () => fetch(input, init)));
      return new Response(body.length === 0 ? null : new Uint8Array(body), { status });
    };
    try {
      return await work();
    } finally {
      globalThis.fetch = fetch;
    }
  }

  /** Hands out the honest answers so far, and asks the ledger again from now on. */
  take(): ReadonlyMap<string, Reply> {
    const known = new Map(this.#known);
    this.#known.clear();
    return known;
  }

  async #honest(path: string, ask: () => Promise<Response>): Promise<Reply> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const response = await ask();
    const body = new Uint8Array(await response.arrayBuffer());
    const reply = this.#complete(path, { status: response.status, body });
    this.#known.set(path, reply);
    return reply;
  }
}
