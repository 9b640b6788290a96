import { fixtures } from './fixtures.ts';
import { sealSuite } from './suite.ts';

describe('seals that openssl made once', () => {
  sealSuite(fixtures);
});
