import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { Allowances } from '../../../src/http/bounds/allowances.ts';

const limits = { costPerMinute: 60, requestsPerAddress: 2, connectionsPerAddress: 2 };
const a = { key: '192.0.2.1', counted: true };
const b = { key: '192.0.2.2', counted: true };
const local = { key: 'local', counted: false };

/** Seconds after which to come back; undefined if it was not refused. */
function retryAfter(take: () => unknown): unknown {
  try {
    take();
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(LedgerError).with.property('code', 'too-many-requests');
    return (error as LedgerError).facts['retryAfter'];
  }
}

describe('http/bounds/allowances', () => {
  it('gives each address its work for a minute, and tells when there is enough again', () => {
    let now = 0;
    const allowances = new Allowances(limits, () => now);
    allowances.spend(a, 60);
    expect(retryAfter(() => allowances.spend(a, 10))).to.equal(10);
    allowances.spend(b, 60);
    now = 9_999;
    expect(retryAfter(() => allowances.spend(a, 10))).to.equal(1);
    now = 10_000;
    allowances.spend(a, 10);
    now = 10_000_000;
    allowances.spend(a, 60);
    expect(retryAfter(() => allowances.spend(a, 1))).to.equal(1);
  });

  it('lets what costs more than a minute be had by whoever has saved a whole one', () => {
    let now = 0;
    const allowances = new Allowances(limits, () => now);
    allowances.spend(a, 600);
    expect(retryAfter(() => allowances.spend(a, 600))).to.equal(60);
    now = 60_000;
    allowances.spend(a, 600);
  });

  it('charges for what was had already, at most for a minute', () => {
    let now = 0;
    const allowances = new Allowances(limits, () => now);
    allowances.owe(a, 1e9);
    expect(retryAfter(() => allowances.spend(a, 0))).to.equal(60);
    now = 60_000;
    expect(retryAfter(() => allowances.spend(a, 0))).to.equal(undefined);
  });

  it('gives and takes nothing when the clock goes back', () => {
    let now = 100_000;
    const allowances = new Allowances(limits, () => now);
    allowances.spend(a, 30);
    now = 0;
    allowances.spend(a, 30);
    expect(retryAfter(() => allowances.spend(a, 1))).to.equal(1);
  });

  it('counts requests and connections until they are over', () => {
    const allowances = new Allowances(limits);
    const leave = allowances.request(a);
    allowances.request(a);
    expect(retryAfter(() => allowances.request(a))).to.equal(1);
    expect(retryAfter(() => allowances.request(b))).to.equal(undefined);
    leave();
    leave();
    allowances.request(a);
    expect(retryAfter(() => allowances.request(a))).to.equal(1);
    const connections = [1, 2, 3].map(() => allowances.connection(a));
    expect(connections.map((one) => one === undefined)).to.deep.equal([false, false, true]);
    connections[0]?.();
    expect(allowances.connection(a)).not.to.equal(undefined);
  });

  it('holds nobody to anything who is not counted', () => {
    const allowances = new Allowances(limits);
    for (let turn = 0; turn < 10; turn++) {
      allowances.spend(local, 60);
      allowances.owe(local, 60);
      allowances.request(local);
      expect(allowances.connection(local)).not.to.equal(undefined);
    }
  });
});
