// A mail server on this machine that takes every mail and keeps it (RFC 5321, as little as a client needs).

import { once } from 'node:events';
import { createServer } from 'node:net';

export class Mailbox {
  static async open() {
    const box = new Mailbox();
    box.server = createServer((socket) => box.#talk(socket));
    box.server.listen(0, '127.0.0.1');
    await once(box.server, 'listening');
    return box;
  }

  mails = [];
  #waiting = [];

  /** Settings of an installation that sends its mail here. */
  get env() {
    return {
      AUTHFLOW_MAIL_TRANSPORT: 'smtp',
      AUTHFLOW_MAIL_FROM: 'no-reply@example.test',
      AUTHFLOW_MAIL_SMTP_HOST: '127.0.0.1',
      AUTHFLOW_MAIL_SMTP_PORT: String(this.server.address().port),
      AUTHFLOW_MAIL_SMTP_TLS: 'none',
    };
  }

  #talk(socket) {
    let buffer = '';
    let mail = null;
    let isData = false;
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.write('220 mailbox\r\n');
    socket.on('data', (text) => {
      buffer += text;
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (isData && line !== '.') {
          mail.text += `${line}\n`;
        } else if (isData) {
          isData = false;
          this.#keep(mail);
          socket.write('250 kept\r\n');
        } else if (/^MAIL FROM/i.test(line)) {
          mail = { to: [], text: '' };
          socket.write('250 ok\r\n');
        } else if (/^RCPT TO/i.test(line)) {
          mail.to.push(line.match(/<(.*?)>/)[1]);
          socket.write('250 ok\r\n');
        } else if (/^DATA/i.test(line)) {
          isData = true;
          socket.write('354 go on\r\n');
        } else {
          socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
        }
      }
    });
  }

  #keep(mail) {
    this.mails.push(mail);
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  /** The newest mail to `address`, as soon as there is one. */
  async to(address) {
    for (;;) {
      const found = this.mails.findLast((mail) => mail.to.includes(address));
      if (found) return found;
      await new Promise((wake, fail) => {
        const timer = setTimeout(() => fail(new Error(`no mail to ${address} in 15 s`)), 15_000);
        this.#waiting.push(() => { clearTimeout(timer); wake(); });
      });
    }
  }

  async close() {
    this.server.close();
  }
}
