/** `isal help` and `isal completion`, described; what they show is handed in by whom they are loaded. */
export const described = {
  help: {
    line: 'how a command is used, as isal COMMAND --help',
    positionals: [
      {
        name: 'COMMAND',
        text: 'a command, such as verify, or bundle get; without one, what there is',
        optional: true,
        several: true,
      },
    ],
    options: {
      man: { text: 'as a manual page (troff)' },
      markdown: { text: 'every page in one, as docs/commands.md' },
      out: {
        value: 'DIR',
        complete: 'directory',
        text: 'with --man: write every manual page into this directory',
      },
    },
    statuses: [0, 4],
    examples: [
      { run: 'isal help verify', shows: 'one command' },
      { run: 'isal help access vault put', shows: 'one deep down' },
      { run: 'isal help --man verify', shows: 'for man -l' },
      { run: 'isal help --man --out man1', shows: 'isal.1, isal-verify.1, isal-bundle-get.1, …' },
    ],
  },
  completion: {
    line: 'completes commands, options and values in a shell',
    positionals: [{ name: 'SHELL', text: 'the shell', choices: ['bash', 'zsh', 'fish'] }],
    notes: [
      'In ~/.bashrc: source <(isal completion bash)',
      'In ~/.zshrc, after compinit: source <(isal completion zsh)',
      'For fish: isal completion fish > ~/.config/fish/completions/isal.fish',
    ],
    statuses: [0, 4],
    examples: [
      { run: 'isal completion bash', shows: 'to be sourced' },
      { run: 'isal completion zsh', shows: 'to be sourced, or kept as _isal in a directory of fpath' },
      { run: 'isal completion fish', shows: 'to be kept among fish’s completions' },
    ],
  },
} as const;
