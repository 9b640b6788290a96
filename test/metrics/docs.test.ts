/** docs/operations.md says what can be measured. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Askers } from '../../src/http/bounds/asker.ts';
import { Budget } from '../../src/http/bounds/budget.ts';
import { Gate } from '../../src/http/bounds/gate.ts';
import { defaultLimits } from '../../src/http/bounds/limits.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { Site } from '../ledger/site.ts';
import { WitnessStand, policyOf } from '../ledger/witnesses.ts';

describe('docs/operations.md', () => {
  it('names every metric, in its table and in its alerts, and no other', async () => {
    const stand = await WitnessStand.start(1);
    const policy = policyOf([stand], 1);
    const ledger = await new Site().open({ policy });
    const metrics = new Metrics({
      ledger,
      policy,
      evidence: { kept: { files: 0, bytes: 0 } },
      scrub: { progress: { bytes: 0, rounds: 0 } },
    });
    const gate = new Gate({ limits: defaultLimits, askers: new Askers() });
    metrics.serving({ recording: new Budget(1), gate });
    const [text] = await Promise.allSettled([metrics.text()]);
    await ledger.close();
    await stand.stop();
    if (text.status === 'rejected') throw text.reason;
    const names = [...text.value.matchAll(/^# TYPE (isal_\S+)/gm)].map(([, name = '']) => name);
    const docs = await readFile('docs/operations.md', 'utf8');
    const section = docs.slice(docs.indexOf('## Measure'), docs.indexOf('## Back up'));
    const said = new Set([...section.matchAll(/\bisal_[a-z_]+/g)].map(([name]) => name));
    expect([...said]).to.have.members(names);
    expect(names).to.have.length.greaterThan(14);
  });
});
