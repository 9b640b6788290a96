/**
 * Whom a request is counted for. An address stands for whoever can be told
 * apart by it: one of IPv4, the first half of one of IPv6 (a household or a host
 * has all of the rest).
 *
 *     peer                             forwarding header   counted for
 *     loopback, no proxy is trusted    –                   "local", without limits of its own
 *     a trusted proxy                  a, b, proxy         b: the last that no trusted proxy is
 *     any other                        –                   the peer
 *     any other                        there               "forwarded", without limits of its own
 *
 * The last line is a proxy that the operator has not listed: all its readers
 * have one address, and limits for that one would shut them all out. Whoever
 * writes such a header by themselves gains nothing but the company of all others
 * who do: those without limits of their own are one in every line.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { LedgerError, lengthOf } from '../../errors.ts';

export interface Asker {
  readonly key: string;
  /** Whether the limits of single addresses hold. */
  readonly counted: boolean;
}

const local: Asker = { key: 'local', counted: false };
const forwarded: Asker = { key: 'forwarded', counted: false };

/** What a proxy adds about whom it speaks for. */
const forwardingHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;
/** Of a list of hops, from the right; a client can write a long one. */
const maxHops = 32;

export interface AskerOptions {
  /** Addresses, and networks as `10.0.0.0/8`. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Called once, when a proxy speaks that is not trusted. */
  readonly onUnlisted?: (peer: string) => void;
}

export class Askers {
  readonly #trusted: BlockList | undefined;
  readonly #onUnlisted: (peer: string) => void;
  #unlistedSeen = false;

  /** Throws `schema-violation` for what is neither an address nor a network. */
  constructor({ trustedProxies, onUnlisted = () => {} }: AskerOptions = {}) {
    this.#trusted = trustedProxies === undefined ? undefined : networksOf(trustedProxies);
    this.#onUnlisted = onUnlisted;
  }

  /** Whom a request is counted for. */
  of({ socket, headers }: Pick<IncomingMessage, 'headers'> & { readonly socket: Peer }): Asker {
    const peer = plainAddress(socket.remoteAddress ?? '');
    if (this.#trusts(peer)) return this.#behindProxy(peer, headers['x-forwarded-for']);
    if (this.#trusted === undefined && isLoopback(peer)) return local;
    if (!forwardingHeaders.some((name) => headers[name] !== undefined)) return countedFor(peer);
    if (!this.#unlistedSeen) this.#onUnlisted(peer);
    this.#unlistedSeen = true;
    return forwarded;
  }

  /** Whom a connection is counted for, before anything came over it; proxies open as many as they need. */
  ofConnection({ remoteAddress = '' }: Peer): Asker {
    const peer = plainAddress(remoteAddress);
    if (this.#trusts(peer) || (this.#trusted === undefined && isLoopback(peer))) return local;
    return countedFor(peer);
  }

  #behindProxy(proxy: string, header: string | string[] | undefined): Asker {
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').slice(-maxHops);
    let nearest = proxy;
    for (const hop of hops.toReversed()) {
      const address = plainAddress(withoutPort(hop.trim()));
      // What stands before a hop that cannot be read was written by nobody who is trusted.
      if (isIP(address) === 0) break;
      nearest = address;
      if (!this.#trusts(address)) break;
    }
    return countedFor(nearest);
  }

  #trusts(address: string): boolean {
    const family = isIP(address);
    if (family === 0 || this.#trusted === undefined) return false;
    return this.#trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}

export interface Peer {
  readonly remoteAddress?: string | undefined;
}

function countedFor(address: string): Asker {
  return { key: isIP(address) === 6 ? networkOf(address) : address, counted: true };
}

/** The first 64 bits of an IPv6 address. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups.
  const length = groups.length + after.length + ((after.at(-1) ?? '').includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - length) }, () => '0');
  const first = [...groups, ...zeros, ...after].slice(0, 4);
  return `${first.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** An IPv4 address that came over IPv6 is what it is, and a scope is no part of an address. */
function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  return mapped ?? bare;
}

/** `192.0.2.1:443` and `[2001:db8::1]:443`, as some proxies write a hop. */
function withoutPort(hop: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

function isLoopback(address: string): boolean {
  return address === '' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [at, text] of texts.entries()) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address);
    const width = family === 4 ? 32 : 128;
    const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
    if (family === 0 || length > width) {
      throw new LedgerError('schema-violation', 'a trusted proxy is neither an address nor a network', {
        expected: 'for example 10.0.0.7, 10.0.0.0/8 or 2001:db8::/32',
        got: lengthOf(text),
        at: `/trustedProxies/${at}`,
      });
    }
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
