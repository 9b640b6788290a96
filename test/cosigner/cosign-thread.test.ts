import { expect } from 'chai';
import { CosignThread } from '../../src/cosigner/cosign-thread.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { verifyLogSignature } from '../../src/note/cosignature.ts';
import { verifierOf } from '../../src/note/key.ts';
import { mldsaKey, origin, refusal } from '../ledger/site.ts';

const text = formatCheckpoint({ origin, size: 7, root: new Uint8Array(32).fill(7), extensions: [] });

describe('the thread that cosigns', () => {
  it('answers each of several requests with a signature of its own text', async () => {
    const thread = new CosignThread(mldsaKey);
    const other = text.replace('\n7\n', '\n8\n');
    const [first, second] = await Promise.all([thread.cosign(text, 0), thread.cosign(other, 0)]);
    verifyLogSignature(verifierOf(mldsaKey), text, first);
    verifyLogSignature(verifierOf(mldsaKey), other, second);
    await thread.close();
  });

  it('refuses what it cannot sign, and goes on', async () => {
    const thread = new CosignThread(mldsaKey);
    expect(await refusal(thread.cosign('no checkpoint', 0))).to.include({ code: 'internal' });
    verifyLogSignature(verifierOf(mldsaKey), text, await thread.cosign(text, 0));
    await thread.close();
  });

  it('refuses what waits when it is closed, and starts again when it is asked again', async () => {
    const thread = new CosignThread(mldsaKey);
    const waiting = refusal(thread.cosign(text, 0));
    await thread.close();
    expect(await waiting).to.include({ code: 'internal' });
    verifyLogSignature(verifierOf(mldsaKey), text, await thread.cosign(text, 0));
    await thread.close();
  });
});
