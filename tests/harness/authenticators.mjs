// What people sign in with beside a password, in software: an authenticator app (RFC 6238) and a passkey (WebAuthn L3 6).

import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code that an app with this secret shows; `steps` half minutes from now. */
export function totp(secret, steps = 0) {
  const bits = [...secret].map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const sha256 = (data) => createHash('sha256').update(data).digest();

/** A device with one passkey, that verifies its user. */
export class Passkey {
  constructor(origin) {
    this.origin = origin;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.privateKey = privateKey;
    const { x, y } = publicKey.export({ format: 'jwk' });
    this.point = [x, y].map((part) => Buffer.from(part, 'base64url'));
    this.id = sha256(Buffer.concat(this.point)).subarray(0, 20);
  }

  data(rpId, flags, rest = Buffer.alloc(0)) {
    return Buffer.concat([sha256(rpId), Buffer.from([0x05 | flags, 0, 0, 0, 0]), rest]);
  }

  clientData(type, { challenge }) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  answer(response) {
    const id = this.id.toString('base64url');
    const encoded = Object.fromEntries(Object.entries(response).map(([name, bytes]) => [name, bytes?.toString('base64url')]));
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: encoded };
  }

  /** What `navigator.credentials.create()` gives. */
  create(options) {
    this.userHandle = Buffer.from(options.user.id, 'base64url');
    const [x, y] = this.point;
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    const key = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), x, Buffer.from('225820', 'hex'), y]);
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, key]);
    const data = this.data(options.rp.id, 0x40, credential);
    // {"fmt": "none", "attStmt": {}, "authData": data}
    const head = Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex');
    const attestationObject = Buffer.concat([head, Buffer.from([data.length]), data]);
    return this.answer({ clientDataJSON: this.clientData('webauthn.create', options), attestationObject });
  }

  /** What `navigator.credentials.get()` gives. */
  get(options) {
    const authenticatorData = this.data(options.rpId, 0);
    const clientDataJSON = this.clientData('webauthn.get', options);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), this.privateKey);
    return this.answer({ clientDataJSON, authenticatorData, signature, userHandle: this.userHandle });
  }
}
