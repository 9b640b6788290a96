import { expect } from 'chai';
import type { Finding } from '../../src/monitor/finding.ts';
import { backoffMs } from '../../src/monitor/outbox.ts';
import { WebhookChannel } from '../../src/monitor/webhook.ts';
import { refusal } from '../ledger/site.ts';
import { Receiver, Site } from './serving.ts';

const finding = (n: number): Finding => ({
  format: 'isal-finding/v1',
  n,
  id: 'ab'.repeat(16),
  state: 'open',
  kind: 'fork',
  origin: 'ledger.example/test',
  time: 1_800_000_000,
  text: 'two histories',
});

describe('a webhook', () => {
  let receiver: Receiver;
  beforeEach(async () => (receiver = await Receiver.listen()));
  afterEach(() => receiver.close());

  it('gets one finding a request, as JSON, with a key to know it again by', async () => {
    const channel = new WebhookChannel({ url: receiver.url, authorization: 'Bearer secret' });
    expect(await channel.deliver([finding(7), finding(8)])).to.equal(1);
    expect(receiver.taken).to.deep.equal([finding(7)]);
    expect(receiver.headers[0]).to.include({
      'content-type': 'application/json',
      authorization: 'Bearer secret',
      'idempotency-key': `${'ab'.repeat(16)}-7`,
    });
  });

  it('has taken nothing when it answers anything but 2xx, and its path stays out of the error', async () => {
    for (const status of [301, 400, 404, 500, 503]) {
      receiver.status = () => status;
      const error = await refusal(new WebhookChannel({ url: receiver.url }).deliver([finding(0)]));
      expect(error.code).to.equal('unreachable');
      expect(`${error.message} ${error.expected} ${error.got}`)
        .to.not.contain('hook/')
        .and.not.contain('/hook');
    }
  });

  it('is not waited for without end', async () => {
    const silent = await Site.listen(() => undefined);
    const channel = new WebhookChannel({ url: silent.url }, { timeoutMs: 50 });
    expect((await refusal(channel.deliver([finding(0)]))).code).to.equal('unreachable');
    await silent.close();
    expect((await refusal(channel.deliver([finding(0)]))).got).to.equal('ECONNREFUSED');
  });

  it('is tried again after 1, 2, 4 s and so on, up to ten minutes', () => {
    expect([1, 2, 3, 4, 10, 11, 1_000].map(backoffMs)).to.deep.equal([
      1_000, 2_000, 4_000, 8_000, 512_000, 600_000, 600_000,
    ]);
  });
});
