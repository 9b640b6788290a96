import { expect } from 'chai';
import { Customers, secretsOf } from './customers.ts';

describe('privacy: isal access mine among many', function () {
  this.timeout(60_000);
  let all: Customers;

  before(async () => {
    all = await Customers.open(300);
  });

  after(async () => all.close());

  it('finds exactly the customer’s events, and none for a customer without', async () => {
    const { ran, indices } = await all.mine('us');
    expect(all.expected).to.have.length(3);
    expect(indices).to.deep.equal(all.expected);
    expect(ran.status).to.equal(0);
    expect(JSON.parse(ran.stdout)).to.include({ eventCount: 3, accesses: 300 });
    expect((await all.mine('nobody')).indices).to.deep.equal([]);
    const them = (await all.mine('them')).indices.length;
    const others = (await all.mine('others')).indices.length;
    expect(them + others).to.equal(300);
  });

  it('sends the same requests whatever the secret, and nothing of it or of a tag', async () => {
    const { sent } = await all.mine('us');
    expect((await all.mine('nobody')).sent.requests).to.deep.equal(sent.requests);
    expect((await all.mine('them')).sent.requests).to.deep.equal(sent.requests);
    expect(sent.requests.length).to.be.greaterThan(3);
    for (const line of sent.requests) expect(line).to.match(/^GET \/log\/(?:checkpoint|tile\/[0-9a-z./]+)$/);
    for (const piece of secretsOf('us')) expect(sent.all.includes(piece), piece).to.equal(false);
    const log = JSON.stringify(all.log);
    expect(all.log.length).to.be.greaterThan(10);
    for (const piece of secretsOf('us')) expect(log.includes(piece), piece).to.equal(false);
  });
});
