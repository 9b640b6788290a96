/**
 * Sentences in source code: string and template literals with words of prose,
 * outside of what is the developer's text (the arguments of errors and
 * assertions, and the reasons of a failure).
 *
 * A scanner, no parser: it knows comments, literals, brackets and property
 * names, which is all that tells the one from the other.
 */

export interface Sentence {
  readonly line: number;
  readonly text: string;
}

/** What is called with the developer's text. */
const developers = /(?:new (?:LedgerError|Error)|\bassert)$/;
/** Members that hold it: of a failure, and what a JSON Schema says of itself. */
const reasons: ReadonlySet<string> = new Set(['message', 'expected', 'got', 'description']);

/** Two words or more with a space between, where a placeholder is no word. */
function isProse(text: string): boolean {
  return /\s/.test(text.trim()) && (text.match(/(?<![\w-])[A-Za-z’']{2,}(?![\w-])/g) ?? []).length >= 2;
}

interface Bracket {
  readonly closing: string;
  /** What stands in it is the developer's. */
  readonly developers: boolean;
  /** The property whose value is being read. */
  property?: string | undefined;
}

/** Every sentence in a source, by its line. */
export function sentencesIn(source: string): Sentence[] {
  return new Scanner(source).sentences();
}

class Scanner {
  readonly #source: string;
  readonly #found: Sentence[] = [];
  readonly #open: Bracket[] = [];
  /** The code since the last bracket, comma or literal: what may name a call or a property. */
  #before = '';
  /** The last bracket or comma, behind which a property may begin. */
  #after = '';
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  sentences(): Sentence[] {
    while (this.#at < this.#source.length) this.#step();
    return this.#found.toSorted((a, b) => a.line - b.line);
  }

  #step(): void {
    const rest = this.#source.slice(this.#at, this.#at + 2);
    const one = rest[0] ?? '';
    if (rest === '//') this.#skipTo('\n');
    else if (rest === '/*') this.#skipTo('*/');
    else if (one === '/' && /(?:^|[=(,:!&|?{};\n])\s*$/.test(this.#before)) this.#regex();
    else if (one === "'" || one === '"') this.#literal(this.#string(one));
    else if (one === '`') this.#template();
    else if ('([{'.includes(one)) this.#opening(one);
    else if (')]}'.includes(one)) this.#closing();
    else this.#code(one);
  }

  #skipTo(end: string): void {
    const found = this.#source.indexOf(end, this.#at + 2);
    this.#at = found < 0 ? this.#source.length : found + end.length;
  }

  #regex(): void {
    const [whole = '/'] =
      /^\/(?:\\.|\[(?:\\.|[^\]])*\]|[^/\n])+\/[a-z]*/.exec(this.#source.slice(this.#at)) ?? [];
    this.#at += whole.length;
    this.#before = 'x';
  }

  #opening(one: string): void {
    const closing = { '(': ')', '[': ']', '{': '}' }[one] ?? '';
    const calls = one === '(' && developers.test(this.#before.trimEnd());
    this.#open.push({ closing, developers: calls });
    this.#begin(one);
    this.#at++;
  }

  #closing(): void {
    this.#open.pop();
    this.#before = 'x';
    this.#after = '';
    this.#at++;
  }

  #code(one: string): void {
    const own = this.#open.at(-1);
    if (one === ',' || one === ';') {
      if (own !== undefined) own.property = undefined;
      this.#begin(one);
    } else if (one === ':' && own?.closing === '}' && '{,;'.includes(this.#after || 'x')) {
      own.property = this.#before.trim().split(/\s+/).at(-1);
      this.#begin(':');
    } else this.#before += one;
    this.#at++;
  }

  #begin(after: string): void {
    this.#before = '';
    this.#after = after;
  }

  #literal({ text, line }: Sentence): void {
    const allowed = this.#open.some(
      ({ developers: theirs, property }) => theirs || (property !== undefined && reasons.has(property)),
    );
    if (!allowed && isProse(text)) this.#found.push({ line, text });
    // Behind `{` or `,` it may be the name of a property.
    this.#before += text;
  }

  get #line(): number {
    return this.#source.slice(0, this.#at).split('\n').length;
  }

  #string(quote: string): Sentence {
    const line = this.#line;
    let text = '';
    for (this.#at++; this.#at < this.#source.length && this.#source[this.#at] !== quote; this.#at++) {
      if (this.#source[this.#at] === '\\') this.#at++;
      text += this.#source[this.#at] ?? '';
    }
    this.#at++;
    return { text, line };
  }

  /** A template with its placeholders, in which there is code again. */
  #template(): void {
    const line = this.#line;
    let text = '';
    this.#at++;
    while (this.#at < this.#source.length && this.#source[this.#at] !== '`') {
      if (this.#source.startsWith('${', this.#at)) {
        text += '…';
        this.#placeholder();
      } else {
        if (this.#source[this.#at] === '\\') this.#at++;
        text += this.#source[this.#at++] ?? '';
      }
    }
    this.#at++;
    this.#literal({ text, line });
  }

  #placeholder(): void {
    const depth = this.#open.length;
    const [before, after] = [this.#before, this.#after];
    this.#at++;
    this.#opening('{');
    while (this.#open.length > depth && this.#at < this.#source.length) this.#step();
    [this.#before, this.#after] = [before, after];
  }
}
