/** Samples of the head of every answer from the whole log. */
import type { CheckpointPoint, CorrectedPoint } from '../../../src/verifier/answering/whole-log.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { digest, origin } from '../../fixtures/attestations.ts';
import { told } from '../golden.ts';
import type { Samples } from '../golden.ts';

const checkpoint: CheckpointPoint = {
  about: 'checkpoint',
  mark: 'proven',
  origin,
  size: 51_002,
  witnesses: 2,
  witnessesListed: 3,
};

const corrected: CorrectedPoint = {
  about: 'corrected',
  mark: 'contradicted',
  correction: {
    index: 1_006,
    target: digest('a leaf'),
    targetIndex: 1_003,
    kind: 'dispute',
    reason: 'The facility was another one.',
  },
};
const { targetIndex: _, ...withoutPlace } = corrected.correction;

const finding = { code: 'missing-role', message: 'the message of the error' } as const;

export const pointSamples: Samples<Catalogue['points']> = told<Catalogue['points']>({
  checkpoint: {
    'with its age': { ...checkpoint, age: 7_300 },
    'without an age': checkpoint,
    'without witnesses': { ...checkpoint, witnesses: 0, witnessesListed: 0 },
    'of one witness': { ...checkpoint, witnesses: 1, witnessesListed: 1, age: 1 },
  },
  replayed: {
    clean: { about: 'replayed', mark: 'proven', size: 51_002, findingCount: 0 },
    'clean, one leaf': { about: 'replayed', mark: 'proven', size: 1, findingCount: 0 },
    'with a finding': { about: 'replayed', mark: 'contradicted', size: 51_002, findingCount: 1 },
    'with findings': { about: 'replayed', mark: 'contradicted', size: 51_002, findingCount: 1_200 },
    'with a finding in one leaf': { about: 'replayed', mark: 'contradicted', size: 1, findingCount: 1 },
  },
  finding: {
    'of a leaf': { about: 'finding', mark: 'contradicted', finding: { ...finding, index: 1_003 } },
    'of no leaf': { about: 'finding', mark: 'contradicted', finding },
  },
  key: {
    compromised: { about: 'key', mark: 'contradicted', name: 'builder', status: 'compromised', index: 1_003 },
    revoked: { about: 'key', mark: 'contradicted', name: 'builder', status: 'revoked', index: 1_003 },
  },
  corrected: {
    'at a place': corrected,
    'at a place that was not noted': { ...corrected, correction: withoutPlace },
  },
  'corrections-unread': {
    one: { about: 'corrections-unread', mark: 'not-shown', count: 1 },
    several: { about: 'corrections-unread', mark: 'not-shown', count: 1_200 },
  },
});
