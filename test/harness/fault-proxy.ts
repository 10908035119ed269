import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a {@link FaultProxy} does to requests. */
export type S3Fault =
  | { readonly kind: 'none' }
  /** A share of the requests is answered 500 or 503, reset, cut off in the middle, garbled, or done without an answer. */
  | { readonly kind: 'weather'; readonly share: number; readonly random: () => number }
  /** Nothing is answered. */
  | { readonly kind: 'silent' }
  /** 403 to everything, as while keys are changed. */
  | { readonly kind: 'denied' }
  /** Answers trickle. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** The server knows the objects that match, and cannot give them: HEAD 200, GET 500, as after the loss of a disk, until they are written again. */
  | { readonly kind: 'lost'; readonly path: RegExp };

/** A way to an S3 server on which things happen. */
export class FaultProxy {
  /** What happens from now on. */
  fault: S3Fault = { kind: 'none' };
  /** Where the server is; it may move. */
  target: string;
  /** Requests that something happened to. */
  faults = 0;
  readonly #server = createServer((incoming, answer) => {
    this.#handle(incoming, answer);
  });

  private constructor(target: string) {
    this.target = target;
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #handle(incoming: IncomingMessage, answer: ServerResponse): void {
    const { fault } = this;
    switch (fault.kind) {
      case 'none':
        this.#forward(incoming, answer, whole);
        return;
      case 'silent':
        this.faults += 1;
        incoming.resume();
        return;
      case 'denied':
        this.#refuse(incoming, answer, 403);
        return;
      case 'slow':
        this.faults += 1;
        this.#forward(incoming, answer, trickled(fault.bytesPerSecond));
        return;
      case 'lost':
        if (!fault.path.test(incoming.url ?? '') || incoming.method === 'HEAD') this.#forward(incoming, answer, whole);
        else if (incoming.method === 'GET') this.#refuse(incoming, answer, 500);
        else this.#forward(incoming, answer, this.#written);
        return;
      case 'weather':
        if (fault.random() < fault.share) this.#storm(incoming, answer, fault.random);
        else this.#forward(incoming, answer, whole);
    }
  }

  #storm(incoming: IncomingMessage, answer: ServerResponse, random: () => number): void {
    const kinds = [
      () => {
        this.#refuse(incoming, answer, random() < 0.5 ? 500 : 503);
      },
      () => {
        this.faults += 1;
        incoming.destroy();
      },
      () => {
        this.#forward(incoming, answer, cutOff);
      },
      () => {
        this.#forward(incoming, answer, garbled);
      },
      () => {
        this.#forward(incoming, answer, unanswered);
      },
    ];
    this.faults += 1;
    kinds[Math.floor(random() * kinds.length)]!();
  }

  /** What was written anew or deleted is not lost any more. */
  #written: Pass = (found, answer) => {
    if ((found.statusCode ?? 500) < 300) this.fault = { kind: 'none' };
    whole(found, answer);
  };

  #refuse(incoming: IncomingMessage, answer: ServerResponse, status: number): void {
    this.faults += 1;
    incoming.resume();
    answer.writeHead(status, { 'content-type': 'text/html' }).end('<html>not now</html>');
  }

  #forward(incoming: IncomingMessage, answer: ServerResponse, pass: Pass): void {
    const { hostname, port } = new URL(this.target);
    // The signature covers the name that the client called.
    const { method, url, headers } = incoming;
    const onward = request({ hostname, port, method, path: url, headers }, (found) => {
      pass(found, answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  }
}

/** Hands an answer on, in its way. */
type Pass = (found: IncomingMessage, answer: ServerResponse) => void;

const whole: Pass = (found, answer) => {
  answer.writeHead(found.statusCode ?? 502, found.headers);
  found.pipe(answer);
};

const unanswered: Pass = (found, answer) => {
  found.resume().once('end', () => answer.destroy());
};

const cutOff: Pass = (found, answer) => {
  withBody(found, (body) => {
    answer.writeHead(found.statusCode ?? 502, found.headers);
    answer.write(body.subarray(0, body.length >> 1), () => answer.destroy());
  });
};

/** Objects alone: an altered list of names would be a server that lies, not one that is ill. */
const garbled: Pass = (found, answer) => {
  if (found.headers['content-type']?.includes('xml') === true) whole(found, answer);
  else
    withBody(found, (body) => {
      if (body.length > 0) body[body.length >> 1]! ^= 0xff;
      answer.writeHead(found.statusCode ?? 502, found.headers).end(body);
    });
};

const trickled =
  (bytesPerSecond: number): Pass =>
  (found, answer) => {
    answer.writeHead(found.statusCode ?? 502, found.headers);
    found.on('data', (part: Buffer) => {
      answer.write(part);
      found.pause();
      setTimeout(() => found.resume(), (part.length / bytesPerSecond) * 1000);
    });
    found.once('end', () => answer.end());
  };

function withBody(found: IncomingMessage, use: (body: Buffer) => void): void {
  const parts: Buffer[] = [];
  found.on('data', (part: Buffer) => parts.push(part));
  found.once('end', () => {
    use(Buffer.concat(parts));
  });
}
