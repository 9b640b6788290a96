/**
 * Servers that do nothing, to compare with: a koa application that reads the
 * body of a POST and answers 201, and a node:http server that answers every
 * GET with the same bytes.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { answerJobs } from './worker.ts';

export type BareJob = { readonly serve: 'koa-post' } | { readonly serve: 'http-get'; readonly bytes: number };

function koaPost(): RequestListener {
  const app = new Koa();
  app.use(async (context) => {
    const parts: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      context.req.on('data', (part: Buffer) => parts.push(part));
      context.req.once('end', resolve).once('error', reject);
    });
    context.status = 201;
    context.body = { bytes: Buffer.concat(parts).length };
  });
  const handle = app.callback();
  return (request, response) => void handle(request, response);
}

function httpGet(bytes: number): RequestListener {
  const body = randomBytes(bytes);
  return (_request, response) => {
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', body.length);
    response.end(body);
  };
}

/** The URL it listens at. */
answerJobs(async (job: BareJob): Promise<string> => {
  const server = createServer(job.serve === 'koa-post' ? koaPost() : httpGet(job.bytes));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
