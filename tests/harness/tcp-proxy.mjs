// Stands between the server and its database, so that a test can take the database away and give it back.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class TcpProxy {
  constructor(host, port) {
    this.sockets = new Set();
    this.open = true;
    this.server = createServer((inner) => {
      if (!this.open) return inner.destroy();
      const outer = connect(port, host);
      for (const [socket, other] of [[inner, outer], [outer, inner]]) {
        this.sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
      return undefined;
    });
  }

  async start() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    return this;
  }

  /** Cuts every connection and refuses new ones. */
  cut() {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  restore() { this.open = true; }

  stop() {
    this.cut();
    this.server.close();
  }
}
