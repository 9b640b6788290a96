import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import { OwedAnswers } from '../../../src/http/exchange/owed.ts';

/** A request on a connection that leads nowhere, and the answer to it. */
function ask(owed: OwedAnswers, socket: Socket): ServerResponse {
  const request = new IncomingMessage(socket);
  const response = new ServerResponse(request);
  owed.add(request, response);
  return response;
}

describe('answers that are owed', () => {
  it('are those of a connection, in order, until it is done with them', () => {
    const owed = new OwedAnswers();
    const [one, other] = [new Socket(), new Socket()];
    const [first, second] = [ask(owed, one), ask(owed, one)];
    const third = ask(owed, other);
    expect(owed.on(one)).to.deep.equal([first, second]);
    first.emit('close');
    expect(owed.on(one)).to.deep.equal([second]);
    expect(owed.on(other)).to.deep.equal([third]);
    expect(owed.on(new Socket())).to.deep.equal([]);
  });

  it('are none when the last one is given, on whichever connection', async () => {
    const owed = new OwedAnswers();
    await owed.none();
    const answers = [ask(owed, new Socket()), ask(owed, new Socket())];
    let none = false;
    const waiting = owed.none().then(() => (none = true));
    answers[1]?.emit('close');
    await new Promise((resolve) => setImmediate(resolve));
    expect(none).to.equal(false);
    answers[0]?.emit('close');
    await waiting;
  });

  it('end their connections when they have not begun', () => {
    const owed = new OwedAnswers();
    const [begun, open] = [ask(owed, new Socket()), ask(owed, new Socket())];
    begun.writeHead(200);
    owed.endConnections();
    expect(open.getHeader('connection')).to.equal('close');
    expect(begun.getHeader('connection')).to.equal(undefined);
  });

  it('are over for all when their connection is, and one connection is listened to once', () => {
    const owed = new OwedAnswers();
    const socket = new Socket();
    for (let time = 0; time < 20; time++) ask(owed, socket).emit('close');
    expect(socket.listenerCount('close')).to.equal(new Socket().listenerCount('close') + 1);
    const answers = [ask(owed, socket), ask(owed, socket)];
    let over = 0;
    for (const answer of answers) answer.once('close', () => over++);
    socket.emit('close');
    expect([over, owed.on(socket).length]).to.deep.equal([2, 0]);
    for (const answer of answers) expect(answer.destroyed).to.equal(true);
  });
});
