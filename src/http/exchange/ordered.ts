/** Answers in the order of the questions, while up to `window` of them are worked on at once. */

export interface LineAnswer {
  readonly text: string;
  /** Called when the text has been taken, or the client has left. */
  readonly release: () => void;
}

export interface OrderedOptions<Q> {
  readonly first: Q;
  readonly rest: AsyncIterator<Q, void, void>;
  /** Questions taken and not yet answered; reading stops there until an answer has left. */
  readonly window: number;
  /** Must not reject. */
  readonly answer: (question: Q) => Promise<LineAnswer>;
}

/**
 * Reads and answers at the same time: an answer that is ready leaves without
 * waiting for the next question, and a reader of the answers who is slow slows
 * the reading of the questions. A failure to read ends the answers after the
 * last question that was read whole.
 */
export async function* orderedAnswers<Q>({
  first,
  rest,
  window,
  answer,
}: OrderedOptions<Q>): AsyncGenerator<string, void, void> {
  const pending: Promise<LineAnswer>[] = [answer(first)];
  let wake: () => void = () => {};
  const state = { ended: false, left: false };

  const read = async (): Promise<void> => {
    try {
      while (!state.left) {
        if (pending.length >= window) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        const next = await rest.next();
        // The client reads the answers no more, so nothing more is asked.
        if (next.done === true || state.left) return;
        pending.push(answer(next.value));
        wake();
      }
    } catch {
      // The client broke off and cannot be told; what was handed on stands.
    } finally {
      state.ended = true;
      wake();
    }
  };
  const reading = read();

  try {
    for (;;) {
      const head = pending[0];
      if (head !== undefined) {
        yield (await head).text;
        (await head).release();
        void pending.shift();
        wake();
      } else if (state.ended) {
        break;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    await reading;
  } finally {
    state.left = true;
    for (const one of pending) void one.then(({ release }) => release());
    wake();
  }
}
