import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { Askers } from '../../../src/http/bounds/asker.ts';

const request = (remoteAddress: string | undefined, headers: IncomingHttpHeaders = {}) => ({
  headers,
  socket: { remoteAddress },
});
const via = (forwardedFor: string): IncomingHttpHeaders => ({ 'x-forwarded-for': forwardedFor });

describe('http/bounds/asker', () => {
  const cases: readonly [
    string,
    string,
    readonly string[] | undefined,
    IncomingHttpHeaders,
    string,
    boolean,
  ][] = [
    ['a stranger', '192.0.2.1', undefined, {}, '192.0.2.1', true],
    [
      'a stranger over IPv6, by the first half of the address',
      '2001:db8:1:2:3:4:5:6',
      undefined,
      {},
      '2001:db8:1:2::/64',
      true,
    ],
    ['the same in short', '2001:db8:1:2::1', undefined, {}, '2001:db8:1:2::/64', true],
    ['an address of mostly zeros', '2001:db8::', undefined, {}, '2001:db8:0:0::/64', true],
    ['a scope', 'fe80::1%eth0', undefined, {}, 'fe80:0:0:0::/64', true],
    ['an IPv4 address inside IPv6', '::ffff:192.0.2.1', undefined, {}, '192.0.2.1', true],
    ['loopback', '127.0.0.1', undefined, {}, 'local', false],
    ['loopback of IPv6', '::1', undefined, {}, 'local', false],
    ['loopback inside IPv6', '::ffff:127.0.0.1', undefined, {}, 'local', false],
    ['a Unix socket', '', undefined, {}, 'local', false],
    ['a proxy on loopback, none trusted', '127.0.0.1', undefined, via('192.0.2.9'), 'local', false],
    ['loopback, once proxies are trusted', '127.0.0.1', ['10.0.0.0/8'], {}, '127.0.0.1', true],
    ['a reader behind a trusted proxy', '10.0.0.7', ['10.0.0.0/8'], via('192.0.2.9'), '192.0.2.9', true],
    [
      'a reader who writes hops of their own',
      '10.0.0.7',
      ['10.0.0.0/8'],
      via('198.51.100.1, 192.0.2.9'),
      '192.0.2.9',
      true,
    ],
    [
      'two trusted proxies in a row',
      '10.0.0.7',
      ['10.0.0.0/8'],
      via('192.0.2.9, 10.9.9.9'),
      '192.0.2.9',
      true,
    ],
    ['trusted proxies alone', '10.0.0.7', ['10.0.0.0/8'], via('10.0.0.1, 10.0.0.2'), '10.0.0.1', true],
    ['a trusted proxy that says nothing', '10.0.0.7', ['10.0.0.0/8'], {}, '10.0.0.7', true],
    ['a hop that cannot be read', '10.0.0.7', ['10.0.0.0/8'], via('192.0.2.9, unknown'), '10.0.0.7', true],
    [
      'rubbish before the hop that counts',
      '10.0.0.7',
      ['10.0.0.0/8'],
      via('rubbish, 192.0.2.9'),
      '192.0.2.9',
      true,
    ],
    ['a hop with a port', '10.0.0.7', ['10.0.0.0/8'], via('192.0.2.9:4711'), '192.0.2.9', true],
    [
      'a hop of IPv6 with a port',
      '10.0.0.7',
      ['10.0.0.0/8'],
      via('[2001:db8::1]:4711'),
      '2001:db8:0:0::/64',
      true,
    ],
    ['a proxy that is not listed', '203.0.113.5', ['10.0.0.0/8'], via('192.0.2.9'), 'forwarded', false],
    ['a proxy, none listed', '203.0.113.5', undefined, { forwarded: 'for=192.0.2.9' }, 'forwarded', false],
    ['a trusted proxy of IPv6', '2001:db8::7', ['2001:db8::/32'], via('192.0.2.9'), '192.0.2.9', true],
    ['a trusted proxy by its address', '::ffff:10.0.0.7', ['10.0.0.7'], via('192.0.2.9'), '192.0.2.9', true],
  ];
  for (const [what, peer, trustedProxies, headers, key, counted] of cases) {
    it(`counts ${what} for ${key}`, () => {
      expect(new Askers({ trustedProxies }).of(request(peer, headers))).to.deep.equal({ key, counted });
    });
  }

  it('looks at so many hops and no more', () => {
    const askers = new Askers({ trustedProxies: ['10.0.0.0/8'] });
    const hops = ['192.0.2.9', ...Array.from({ length: 1_000 }, () => '10.0.0.1')].join(',');
    expect(askers.of(request('10.0.0.7', via(hops))).key).to.equal('10.0.0.1');
  });

  it('tells once of a proxy that is not listed', () => {
    const told: string[] = [];
    const askers = new Askers({ onUnlisted: (peer) => told.push(peer) });
    for (let turn = 0; turn < 3; turn++) askers.of(request('203.0.113.5', via('192.0.2.9')));
    expect(told).to.deep.equal(['203.0.113.5']);
  });

  it('counts connections for the peer, and those of trusted proxies for nobody', () => {
    const askers = new Askers({ trustedProxies: ['10.0.0.0/8'] });
    expect(askers.ofConnection({ remoteAddress: '192.0.2.9' })).to.deep.equal({
      key: '192.0.2.9',
      counted: true,
    });
    expect(askers.ofConnection({ remoteAddress: '10.0.0.7' }).counted).to.equal(false);
    expect(new Askers().ofConnection({ remoteAddress: '127.0.0.1' }).counted).to.equal(false);
  });

  for (const text of ['proxy.example', '10.0.0.0/33', '2001:db8::/129', '10.0.0.0/', '10.0.0.0/-1', '']) {
    it(`refuses "${text}" as a trusted proxy`, () => {
      expect(() => new Askers({ trustedProxies: ['10.0.0.1', text] }))
        .to.throw(LedgerError)
        .that.deep.includes({ code: 'schema-violation', at: '/trustedProxies/1' });
    });
  }
});
