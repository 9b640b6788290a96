/** One bit changed in a seal: it is refused, or says what it said. */
import { expect } from 'chai';
import { fixtures } from './fixtures.ts';
import { Seals } from './suite.ts';

const seals = new Seals(fixtures());

/** What is said of a seal if it is proven. */
export async function said(cms: Uint8Array): Promise<string | undefined> {
  if ((await seals.refusal({ cms, timestamp: null })) !== 'proven') return undefined;
  const { sealer, time, authority, hash, key } = await seals.proven({ cms, timestamp: null });
  return JSON.stringify([sealer.subject, sealer.issuer, time, authority.subject, hash, key]);
}

/** One bit of one byte. */
export interface Place {
  readonly at: number;
  readonly bit: number;
}

/** One bit of each byte of the seal, another one each time: all of them would take ten minutes. */
export function* placesToChange(): Generator<Place> {
  for (let at = 0; at < seals.bytes('inside.p7s').length; at++) yield { at, bit: at % 8 };
}

/** Changes these bits, one at a time. */
export async function changeBits(places: Iterable<Place>): Promise<void> {
  const bytes = Uint8Array.from(seals.bytes('inside.p7s'));
  const good = await said(bytes);
  expect(good).to.be.a('string');
  const tolerated = new Set<number>();
  for (const { at, bit } of places) {
    const flip = (): void => void (bytes[at] = (bytes[at] ?? 0) ^ (1 << bit));
    flip();
    const changed = await said(bytes);
    flip();
    if (changed === undefined) continue;
    tolerated.add(at);
    expect(changed, `byte ${at}, bit ${bit}`).to.equal(good);
  }
  // Nothing signs the version numbers of the two messages, and more than one is right.
  expect(tolerated.size).to.be.at.most(2);
}
