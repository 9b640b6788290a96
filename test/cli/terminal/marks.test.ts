import { expect } from 'chai';
import { errorCodes } from '../../../src/errors.ts';
import { exitStatus, exitStatusOf } from '../../../src/cli/terminal/exit.ts';
import type { Io } from '../../../src/cli/terminal/io.ts';
import { ago, byteCount, isoTime, markLine, plainLine, symbol } from '../../../src/cli/terminal/marks.ts';
import { progress } from '../../../src/cli/terminal/progress.ts';
import { answerOf } from '../../../src/verifier/judging/answer.ts';

function ioOf(parts: Partial<Io> = {}): Io & { written: string[] } {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  return { stdout: write, stderr: write, env: {}, isTTY: false, now: () => 1_000_000_000, written, ...parts };
}

describe('marks', () => {
  it('are told apart without colours, and coloured only where that is wanted', () => {
    const marks = ['proven', 'contradicted', 'not-shown'] as const;
    expect(marks.map((mark) => symbol(mark, ioOf()))).to.deep.equal(['✓', '✗', '?']);
    const coloured = marks.map((mark) => symbol(mark, ioOf({ colours: true })));
    expect(coloured).to.deep.equal(['\u001b[32m✓\u001b[0m', '\u001b[31m✗\u001b[0m', '\u001b[33m?\u001b[0m']);
    expect(symbol('proven', ioOf({ colours: true, env: { NO_COLOR: '1' } }))).to.equal('✓');
  });

  it('let no text from outside move the cursor or turn the line', () => {
    const text = 'a\u001b[2Jb\rc\nd\u202ee\u061cf\u200bg';
    expect(markLine('proven', 'Built', text, ioOf())).to.equal(
      '✓ Built        a\\u001b[2Jb\\u000dc\\u000ad\\u202ee\\u061cf\\u200bg\n',
    );
    expect(plainLine('File', '\u0007')).to.equal('File           \\u0007\n');
  });

  it('give sizes and times as people say them', () => {
    expect([0, 999, 1_000, 312_000_000, 9_940_000_000_000].map(byteCount)).to.deep.equal([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '312 MB',
      '9.9 TB',
    ]);
    const distances = [0, 1, 59, 60, 3_599, 3_600, 172_800].map((seconds) =>
      ago(1_000_000 - seconds, ioOf()),
    );
    expect(distances).to.deep.equal([
      '0 seconds ago',
      '1 second ago',
      '59 seconds ago',
      '1 minute ago',
      '59 minutes ago',
      '1 hour ago',
      '2 days ago',
    ]);
    expect(ago(2_000_000, ioOf())).to.equal('0 seconds ago');
    expect(isoTime(1_790_000_000)).to.equal('2026-09-21T14:13:20Z');
  });
});

describe('exit statuses', () => {
  it('agree with the answers that a verifier gives, but for what is the user’s own', () => {
    for (const code of errorCodes) {
      const status = exitStatus[code];
      expect(status, code).to.be.within(1, 5);
      const answered = exitStatusOf[answerOf(code)];
      if (status === 2 && code !== 'not-found' && code !== 'unknown-log') expect(answered, code).to.equal(2);
      if (status === 3) expect(answered, code).to.equal(3);
      if (answered !== 1) expect(status, code).to.equal(answered);
    }
  });
});

describe('progress', () => {
  it('is drawn only on a terminal, only after a second, and taken away at the end', () => {
    let now = 0;
    const io = ioOf({ isTTY: true, now: () => now });
    const bar = progress(io, 'hashing', 200);
    bar.update(10);
    expect(io.written).to.deep.equal([]);
    now = 1_001;
    bar.update(100);
    now = 1_050;
    bar.update(110);
    bar.end();
    expect(io.written).to.have.length(2);
    expect(io.written[0]).to.match(/^\rhashing █{12}·{12} 50 %$/);
    const quiet = ioOf({ now: () => now });
    const none = progress(quiet, 'hashing', 0);
    now = 9_999;
    none.update(1);
    none.end();
    expect(quiet.written).to.deep.equal([]);
  });
});
