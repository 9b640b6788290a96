import { makeFixtures } from '../seal/make.ts';
import type { Fixtures } from '../seal/make.ts';
import { sealSuite } from '../seal/suite.ts';

describe('seals that openssl makes now', () => {
  let made: Fixtures;
  before(() => {
    made = makeFixtures();
  });

  sealSuite(() => made);
});
