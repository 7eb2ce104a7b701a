// Where mail and text messages of a run arrive: an SMTP server and an HTTP service on this machine.

import { randomBytes } from 'node:crypto';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';

const listening = (server) => new Promise((done) => { server.listen(0, '127.0.0.1', () => done(server.address().port)); });

/** Enough of SMTP (RFC 5321) to take every mail that is offered. */
function speakSmtp(socket, arrived) {
  let buffered = '';
  let recipients = [];
  let inData = false;
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.write('220 inbox.test ESMTP\r\n');
  socket.on('data', (chunk) => {
    buffered += chunk;
    for (;;) {
      const end = inData ? buffered.indexOf('\r\n.\r\n') : buffered.indexOf('\r\n');
      if (end < 0) return;
      const text = buffered.slice(0, end);
      buffered = buffered.slice(end + (inData ? 5 : 2));
      if (inData) {
        for (const recipient of recipients) arrived(recipient, textOf(text));
        inData = false;
        recipients = [];
        socket.write('250 taken\r\n');
      } else if (/^(EHLO|HELO)/i.test(text)) socket.write('250-inbox.test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n');
      else if (/^RCPT TO:/i.test(text)) {
        recipients.push(/<([^>]*)>/.exec(text)[1]);
        socket.write('250 ok\r\n');
      } else if (/^DATA/i.test(text)) {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (/^QUIT/i.test(text)) socket.end('221 bye\r\n');
      else socket.write('250 ok\r\n');
    }
  });
}

/** The text part of a mail, decoded. */
function textOf(mail) {
  const boundary = /boundary="?([^"\r\n;]+)"?/i.exec(mail)?.[1];
  const parts = boundary ? mail.split(`--${boundary}`) : [mail];
  const part = parts.find((candidate) => /content-type: text\/plain/i.test(candidate)) ?? mail;
  const at = part.indexOf('\r\n\r\n');
  const [head, body] = [part.slice(0, at), part.slice(at + 4)];
  if (/transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/transfer-encoding: quoted-printable/i.test(head)) return body;
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Opens an inbox; `env` is the configuration that fills it. */
export async function openInbox() {
  const messages = [];
  const waiting = new Set();
  const arrived = (to, text) => {
    messages.push({ to, text });
    for (const look of waiting) look();
  };
  const smtp = createServer((socket) => speakSmtp(socket, arrived));
  const sms = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const { to, text } = JSON.parse(body);
      arrived(to, text);
      response.writeHead(202).end();
    });
  });
  const [smtpPort, smsPort] = await Promise.all([listening(smtp), listening(sms)]);

  /** The next message to `to` that nobody has read yet. */
  async function next(to, timeoutMs = 20_000) {
    const take = () => {
      const at = messages.findIndex((message) => message.to === to);
      return at < 0 ? null : messages.splice(at, 1)[0].text;
    };
    let look;
    let timer;
    try {
      return await new Promise((done, fail) => {
        look = () => { const text = take(); if (text !== null) done(text); };
        timer = setTimeout(() => fail(new Error(`nothing came for ${to}`)), timeoutMs);
        waiting.add(look);
        look();
      });
    } finally {
      waiting.delete(look);
      clearTimeout(timer);
    }
  }

  return {
    env: {
      AUTHFLOW_MAIL_TRANSPORT: 'smtp',
      AUTHFLOW_MAIL_FROM: 'no-reply@mail.example.test',
      AUTHFLOW_MAIL_SMTP_HOST: '127.0.0.1',
      AUTHFLOW_MAIL_SMTP_PORT: String(smtpPort),
      AUTHFLOW_MAIL_SMTP_TLS: 'none',
      AUTHFLOW_SMS_PROVIDER: 'http',
      AUTHFLOW_SMS_HTTP_URL: `http://127.0.0.1:${smsPort}/send`,
      AUTHFLOW_SMS_HTTP_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
      AUTHFLOW_SMS_COUNTRIES: 'DE',
      AUTHFLOW_OUTBOUND_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
      AUTHFLOW_OUTBOUND_ALLOW_HTTP: 'true',
    },
    next,
    /** The six digits in the next message to `to`. */
    async code(to) {
      const text = await next(to);
      const found = /(?:^|\s)(\d{6})(?=\s|$)/.exec(text);
      if (!found) throw new Error(`no code in ${text}`);
      return found[1];
    },
    /** Throws away what came for `to`. */
    forget(to) {
      for (let at = messages.length - 1; at >= 0; at -= 1) if (messages[at].to === to) messages.splice(at, 1);
    },
    close() {
      smtp.close();
      sms.close();
      sms.closeAllConnections();
    },
  };
}
