/** What stands beside the ledger: trust files, another history and evidence of it, a vault. */
import { mkdir } from 'node:fs/promises';
import { fixtures } from '../../seal/fixtures.ts';
import { SampleLog } from '../../verifier/sample-log.ts';
import { asOf } from '../place.ts';
import type { Place } from './book.ts';
import { bundleOf, damaged } from './bundles.ts';
import { brokenLog, evidenceFiles, exportBroken, noteOf } from './histories.ts';
import { command } from './live.ts';
import type { Making } from './making.ts';
import { otherSealedBuilds } from './products.ts';
import { statementIn } from './saved.ts';
import { disclosureText } from './statements.ts';
import { trustFiles } from './trust.ts';

export async function besides(making: Making): Promise<void> {
  const { book } = making;
  const authorities = [1, 2, 3, 4].map((version): Place => book.place(`authority ${version}`));
  const genesis = authorities[0]?.leafHash ?? '';
  for (const [name, text] of trustFiles(genesis, { size: book.size, authorities })) {
    await making.write(`trust/${name}`, text);
  }
  const broken = brokenLog(making.genesis, genesis);
  await exportBroken(making.path('broken'), broken);
  const good = await bundleOf({ checkpoint: await noteOf(broken), log: broken, indices: [1] });
  await making.write('bundles/broken-good.bin.isal-bundle', good);
  for (const [name, bytes] of damaged(good)) {
    await making.write(`bundles/damaged/${name}.isal-bundle`, bytes);
  }
  const sealed = otherSealedBuilds(genesis);
  const sealedLog = new SampleLog([making.genesis, ...sealed.values()]);
  for (const [at, label] of [...sealed.keys()].entries()) {
    const parts = { checkpoint: await noteOf(sealedLog), log: sealedLog, indices: [at + 1] };
    const name = `sealed-${label.replaceAll(' ', '-')}`;
    await making.write(`bundles/parts/${name}.isal-bundle`, await bundleOf(parts));
  }
  const seals = fixtures();
  for (const name of [
    'root.pem',
    'tsa-root.pem',
    'stranger.pem',
    'issuing.crl',
    'root.crl',
    'tsa-root.crl',
  ]) {
    await making.write(`seals/${name}`, seals[name] ?? '');
  }
  for (const name of ['good', 'alone', 'stranger', 'again']) {
    await making.write(`artefacts/broken-${name}.bin`, `broken-${name}.bin`);
  }
  const histories = { true: new SampleLog(book.leaves), broken, notes: making.notes };
  for (const [name, bytes] of await evidenceFiles(histories)) await making.write(`evidence/${name}`, bytes);
  await making.write('disclosures/detail.txt', `${disclosureText}\n`);
  await making.write(
    'disclosures/another.txt',
    `${Buffer.from('["YWFhYWFhYWFhYWFhYWFhYQ","detail","x"]').toString('base64url')}\n`,
  );
  await vault(making);
}

/** What the entry only commits to, kept by who may hand it out. */
async function vault(making: Making): Promise<void> {
  const leaf = making.book.leaves[making.book.place('access access 1').index] ?? new Uint8Array();
  const { predicate } = statementIn(leaf);
  const key = ['--key', making.path('vault/vault.key')];
  await mkdir(making.path('vault'));
  await command(['access', 'vault', 'init', making.path('vault/db')], key, asOf);
  const record = ['--record', String(predicate['eventId']), '--in', making.path('disclosures/detail.txt')];
  await command(['access', 'vault', 'put', making.path('vault/db')], [...key, ...record], asOf);
}
