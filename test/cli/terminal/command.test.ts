/** Types that follow from a description: what does not compile here is a description that says something else. */
import { expect } from 'chai';
import { command, optionsOf } from '../../../src/cli/terminal/command.ts';
import type { Given } from '../../../src/cli/terminal/command.ts';
import { execute, resolve } from '../../../src/cli/terminal/resolve.ts';
import { isal } from '../isal.ts';

const described = {
  line: 'an example',
  positionals: [
    { name: 'TYPE', text: 'a type', choices: 'types' },
    { name: 'FILE', text: 'a file', optional: true },
  ],
  options: {
    single: { value: 'X', text: 'one' },
    needed: { value: 'X', text: 'one', required: true },
    preset: { value: 'X', text: 'one', default: 'x' },
    list: { value: 'X', text: 'some', list: 'commas' },
    flag: { text: 'yes or no' },
    kind: { value: 'KIND', text: 'one', choices: ['a', 'b'] },
    out: { like: 'out', text: 'where to' },
  },
  shared: ['trust', 'json'],
  statuses: [0, 4],
  examples: [{ run: 'isal example', shows: 'nothing' }],
} as const;

type Values = Given<typeof described>['values'];
type Same<A, B> = [A, B] extends [B, A] ? true : false;

/** Each must be `true`, or this does not compile. */
const types: {
  readonly single: Same<Values['single'], string | undefined>;
  readonly needed: Same<Values['needed'], string>;
  readonly preset: Same<Values['preset'], string>;
  readonly list: Same<Values['list'], readonly string[]>;
  readonly flag: Same<Values['flag'], boolean>;
  readonly kind: Same<Values['kind'], 'a' | 'b' | undefined>;
  readonly like: Same<Values['out'], string | undefined>;
  readonly shared: Same<Values['trust'], string | undefined>;
  readonly sharedFlag: Same<Values['json'], boolean>;
  readonly optional: Same<Given<typeof described>['positionals'][1], string | undefined>;
} = {
  single: true,
  needed: true,
  preset: true,
  list: true,
  flag: true,
  kind: true,
  like: true,
  shared: true,
  sharedFlag: true,
  optional: true,
};

describe('what a command is given', () => {
  it('has the types that its description says, and the values of its command line', async () => {
    expect(Object.values(types).every((same) => same)).to.equal(true);
    let given: Given<typeof described> | undefined;
    const node = command('example', described, async () => async (it) => {
      given = it;
      return 0;
    });
    const args = [
      'build',
      '--needed',
      'n',
      '--list',
      'a,b',
      '--list',
      'c',
      '--flag',
      '--kind=b',
      '--out',
      'o',
    ];
    const io = {
      stdout: () => undefined,
      stderr: () => undefined,
      env: {},
      isTTY: false,
      now: () => 0,
    };
    expect(await execute(resolve(node, args), io)).to.equal(0);
    expect(given).to.deep.equal({
      values: {
        single: undefined,
        needed: 'n',
        preset: 'x',
        list: ['a', 'b', 'c'],
        flag: true,
        kind: 'b',
        out: 'o',
        trust: undefined,
        json: false,
      },
      positionals: ['build', undefined],
    });
  });

  it('lists its own options before those that it shares, each with what it says of them', () => {
    const options = optionsOf(described);
    expect([...options.keys()].slice(-3)).to.deep.equal(['out', 'trust', 'json']);
    expect(options.get('out')).to.deep.equal({ value: 'FILE', complete: 'file', text: 'where to' });
  });

  it('is described without a mistyped member, or it does not compile', () => {
    const mistyped = { ...described, exmaples: [] } as const;
    // @ts-expect-error: no such member
    command('example', mistyped, async () => async () => 0);
    const wrong = { ...described, options: { one: { vlaue: 'X', text: 'one' } } } as const;
    // @ts-expect-error: no such member of an option
    command('example', wrong, async () => async () => 0);
    const takesNumbers =
      async (): Promise<(given: { values: { single: number } }) => Promise<number>> =>
      async ({ values }) =>
        values.single;
    // @ts-expect-error: what runs takes a number, and the description gives a text
    command('example', described, takesNumbers);
  });

  it('is never loaded for a command line that it does not admit', async () => {
    const { status, stderr } = await isal(['serve']);
    expect(status).to.equal(4);
    expect(stderr).to.match(/^isal: DIR is missing: /);
  });
});
