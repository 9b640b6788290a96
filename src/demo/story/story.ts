/**
 * The whole story, in its order: a file from source in escrow to a customer,
 * and five things that go wrong, each shown as what it is. The demonstration
 * tells it; the scenario test runs the same.
 */
import type { Server } from '../child.ts';
import { withholdEvent } from './accesses.ts';
import { retractReview, shipProduct, swapFile, verifyProduct } from './product.ts';
import { openSite } from './site.ts';
import { Stage, exitWords } from './stage.ts';
import type { Props, Verdict } from './stage.ts';
import { revokeSigner, skipUpdate } from './updates.ts';

export interface StoryOptions {
  readonly props: Props;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Tells it in `props.directory`, which must be there and empty. Throws
 * `internal` as soon as something does not come out as told. Every process
 * that it starts has ended when this returns or throws.
 */
export async function tellStory({ props, now }: StoryOptions): Promise<readonly Verdict[]> {
  const stage = new Stage(props);
  const running: Server[] = [];
  stage.say('Is this the file that was supervised?');
  stage.tell(
    `A vendor writes software. A supervisor watches over its source, its builds, its updates, and over who
     gets at customers' data. Others review the source and build it again. Each signs what it saw, and all
     of it is recorded in a ledger that can only grow. Customers want to know whether the file on their disk
     is the one that all of these statements are about, and what went wrong, if something did.

     The product is a real program and is really built here: the part of isal that checks proofs. Parties,
     keys and events are made up. Lines that begin with $ are what a party types; below each stands what
     the command says, and its exit status where it is an answer.`,
  );
  try {
    const site = await openSite(stage, running, now);
    const shipped = await shipProduct(site);
    await verifyProduct(site);
    await retractReview(site, shipped);
    await revokeSigner(site);
    await swapFile(site);
    await skipUpdate(site);
    await withholdEvent(site);
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
  stage.chapter(
    'What the commands said',
    'Each was held to it: had one said anything else, the story would have ended there.',
  );
  stage.say('\nexit  means            what was asked about');
  for (const { what, status } of stage.verdicts) {
    stage.say(`${String(status).padEnd(6)}${exitWords[status].padEnd(17)}${what}`);
  }
  return stage.verdicts;
}
