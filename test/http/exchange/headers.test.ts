import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { acceptsGzip, bodyType, matchesTag } from '../../../src/http/exchange/headers.ts';

const withHeaders = (headers: IncomingHttpHeaders): IncomingMessage => ({ headers }) as IncomingMessage;

describe('http/headers', () => {
  it('gives gzip only to clients that take it', () => {
    for (const accept of [
      'gzip',
      'GZIP',
      'identity, gzip',
      'br, gzip;q=0.1',
      '*',
      'gzip;q=1.0, *;q=0',
      'x-gzip',
    ]) {
      expect(acceptsGzip(withHeaders({ 'accept-encoding': accept })), accept).to.equal(true);
    }
    for (const accept of [
      '',
      'identity',
      'br',
      'gzip;q=0',
      'gzip; q=0.000',
      '*;q=0',
      '*, gzip;q=0',
      'gzipped',
    ]) {
      expect(acceptsGzip(withHeaders({ 'accept-encoding': accept })), accept).to.equal(false);
    }
    expect(acceptsGzip(withHeaders({}))).to.equal(false);
  });

  it('matches entity tags in a list, weakly, and the asterisk', () => {
    for (const header of ['"a"', '"b", "a"', 'W/"a"', '*']) {
      expect(matchesTag(withHeaders({ 'if-none-match': header }), '"a"'), header).to.equal(true);
    }
    for (const header of ['"b"', 'a', '']) {
      expect(matchesTag(withHeaders({ 'if-none-match': header }), '"a"'), header).to.equal(false);
    }
  });

  it('takes the media types of the route, with UTF-8 or no charset', () => {
    for (const type of [
      'application/json',
      'Application/JSON; charset=UTF-8',
      'application/json;charset="utf-8"',
    ]) {
      expect(bodyType(withHeaders({ 'content-type': type }), ['application/json']), type).to.equal(
        'application/json',
      );
    }
  });

  it('refuses other media types, charsets and every content coding', () => {
    for (const headers of [
      {},
      { 'content-type': '' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/jsonx' },
      { 'content-type': 'application/json; charset=latin1' },
      { 'content-type': 'application/json; boundary=x' },
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      { 'content-type': 'application/json', 'content-encoding': '' },
    ]) {
      expect(() => bodyType(withHeaders(headers), ['application/json']), JSON.stringify(headers))
        .to.throw(LedgerError)
        .with.property('code', 'wrong-media-type');
    }
  });
});
