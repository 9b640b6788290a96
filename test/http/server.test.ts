import { expect } from 'chai';
import { kindOf } from '../../src/http/server.ts';

describe('http: what a request waits its turn with', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['GET', '/checkpoint', 'brief'],
    ['HEAD', '/2026/checkpoint', 'brief'],
    ['GET', '/healthz', 'brief'],
    ['GET', '/readyz?', 'brief'],
    ['GET', '/tile/0/000', 'reading'],
    ['GET', '/api/v1/checkpoints', 'reading'],
    ['GET', '/api/v1/attestations?product=/checkpoint', 'reading'],
    ['GET', '/api/v1/artifacts/sha256:00?also=/healthz', 'reading'],
    ['POST', '/api/v1/attestations', 'recording'],
    ['POST', '/checkpoint', 'recording'],
  ];
  for (const [method, url, kind] of cases) {
    it(`is ${kind}: ${method} ${url}`, () => expect(kindOf({ method, url })).to.equal(kind));
  }
});
