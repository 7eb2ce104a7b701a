// Proof of work on the hosted pages (ALTCHA): finds the number whose SHA-256 with the salt is the challenge, and posts the
// form that waits for it. A hash of its own, because `crypto.subtle` takes a turn of the event loop for each, and is
// missing where pages come by plain http. Works in slices, so that the page stays responsive.
"use strict";
(() => {
  const form = document.querySelector("form[data-proof]");
  if (!form) return;
  const hide = (selector, isHidden) => document.querySelectorAll(selector).forEach((element) => { element.hidden = isHidden; });
  hide("[data-proof-noscript]", true);
  hide("[data-proof-script]", false);
  form.hidden = false;
  const bar = form.querySelector("progress");
  const status = form.querySelector("[role=status]");
  const { algorithm, challenge, maxnumber, salt, signature } = JSON.parse(form.dataset.proof);

  // FIPS 180-4, 4.2.2 and 5.3.3: fractional parts of the roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
  const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  const W = new Int32Array(64);

  // One block of 64 bytes into the state (FIPS 180-4, 6.2.2).
  function compress(state, bytes, offset) {
    for (let i = 0; i < 16; i += 1) {
      const at = offset + 4 * i;
      W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = W[i - 15];
      const y = W[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0;
      d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    const next = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i += 1) state[i] = (state[i] + next[i]) | 0;
  }

  const prefix = new TextEncoder().encode(salt);
  const target = Int32Array.from({ length: 8 }, (_, i) => Number.parseInt(challenge.slice(8 * i, 8 * i + 8), 16) | 0);
  const state = new Int32Array(8);
  const buffer = new Uint8Array(128);

  // Whether the hash of the salt and the number is the challenge.
  function fits(number) {
    const digits = String(number);
    const length = prefix.length + digits.length;
    const blocks = length + 9 > 64 ? 2 : 1;
    buffer.fill(0);
    buffer.set(prefix);
    for (let i = 0; i < digits.length; i += 1) buffer[prefix.length + i] = digits.charCodeAt(i);
    buffer[length] = 0x80;
    const bits = 8 * length;
    buffer[64 * blocks - 2] = bits >>> 8;
    buffer[64 * blocks - 1] = bits & 255;
    state.set(START);
    for (let block = 0; block < blocks; block += 1) compress(state, buffer, 64 * block);
    for (let i = 0; i < 8; i += 1) if (state[i] !== target[i]) return false;
    return true;
  }

  function fail() {
    form.hidden = true;
    hide("[data-proof-failed]", false);
  }

  function post(number, took) {
    bar.value = 100;
    status.textContent = status.dataset.done;
    form.querySelector("[name=altcha]").value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature, took }));
    form.submit();
  }

  // A message to oneself is not slowed down in a page that nobody looks at, as timers are.
  const { port1, port2 } = new MessageChannel();
  const began = performance.now();
  let number = 0;
  port1.onmessage = () => {
    const until = performance.now() + 12;
    do {
      for (let i = 0; i < 200 && number <= maxnumber; i += 1, number += 1) {
        if (fits(number)) return post(number, Math.round(performance.now() - began));
      }
      if (number > maxnumber) return fail();
    } while (performance.now() < until);
    // How far the search is at most; most are done before.
    bar.value = (100 * number) / maxnumber;
    return port2.postMessage(null);
  };
  // Two block hashes at the longest, and only the algorithm that the protocol names first.
  if (algorithm !== "SHA-256" || prefix.length > 100) fail();
  else port2.postMessage(null);
})();
