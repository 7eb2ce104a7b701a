// Passkeys on the hosted pages: the only script there is. Pages that offer them name it; without it they still work.
//
// A form with `data-passkey` ("create" or "get") asks `data-options` for options, has the browser answer them, puts the
// answer into its hidden field and is posted like any other form. JSON as in WebAuthn Level 3, 5.1.8 to 5.1.10.
"use strict";
(() => {
  const forms = document.querySelectorAll("form[data-passkey]");
  const show = (selector, shown) => document.querySelectorAll(selector).forEach((element) => { element.hidden = !shown; });
  show("[data-passkey-noscript]", false);
  if (!window.PublicKeyCredential || !navigator.credentials) return show("[data-passkey-missing]", true);
  show("[data-passkey-shown]", true);

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list = []) => list.map((each) => ({ ...each, id: toBytes(each.id) }));

  // One ceremony at a time: the one that autofill waits in ends when a button starts another.
  let current = new AbortController();
  const begin = () => {
    current.abort();
    current = new AbortController();
    return current.signal;
  };

  async function options(form, signal) {
    const answer = await fetch(form.dataset.options, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" }, signal,
    });
    if (answer.redirected) {
      // Signed out, or a fresh factor is needed first.
      location.assign(answer.url);
      return new Promise(() => {});
    }
    if (!answer.ok) throw new Error(`options: ${answer.status}`);
    return answer.json();
  }

  const answerOf = (credential, response) => JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response,
  });

  async function create(form) {
    const signal = begin();
    const given = await options(form, signal);
    const credential = await navigator.credentials.create({ signal, publicKey: {
      ...given,
      challenge: toBytes(given.challenge),
      user: { ...given.user, id: toBytes(given.user.id) },
      excludeCredentials: descriptors(given.excludeCredentials),
    } });
    const { response } = credential;
    return answerOf(credential, {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    });
  }

  async function get(form, mediation) {
    const signal = begin();
    const given = await options(form, signal);
    const credential = await navigator.credentials.get({ signal, mediation, publicKey: {
      ...given,
      challenge: toBytes(given.challenge),
      allowCredentials: descriptors(given.allowCredentials),
    } });
    const { response } = credential;
    return answerOf(credential, {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : undefined,
    });
  }

  function post(form, answer) {
    form.querySelector("[data-passkey-answer]").value = answer;
    form.submit();
  }

  function explain(form, error) {
    const status = form.querySelector("[data-passkey-status]");
    const said = { NotAllowedError: status.dataset.cancelled, InvalidStateError: status.dataset.known }[error.name];
    status.textContent = said ?? status.dataset.failed;
  }

  // Passkeys among the suggestions of the identifier field. Renewed before its challenge is too old.
  async function autofill(form) {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const renewal = setTimeout(() => autofill(form), 240_000);
    try {
      post(form, await get(form, "conditional"));
    } catch {
      clearTimeout(renewal);
    }
  }

  for (const form of forms) {
    const ceremony = form.dataset.passkey === "create" ? create : get;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const control = form.querySelector("button");
      const status = form.querySelector("[data-passkey-status]");
      status.textContent = "";
      control.setAttribute("aria-disabled", "true");
      try {
        post(form, await ceremony(form));
      } catch (error) {
        if (error.name !== "AbortError") explain(form, error);
        if ("autofill" in form.dataset) autofill(form);
      } finally {
        control.removeAttribute("aria-disabled");
      }
    });
    if ("autofill" in form.dataset) autofill(form);
  }
})();
