// A browser without JavaScript, in plain HTTP: cookies, redirects, forms. It finds fields the way a person does,
// by what they are for (role, autocomplete, label), never by an id.

import { parse } from 'node-html-parser';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Cookies by origin-less host, path and name, as RFC 6265 5.3 keeps them. */
export class CookieJar {
  constructor() { this.cookies = new Map(); }

  store(url, response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const has = new Map(attributes.map((attribute) => {
        const [key, ...rest] = attribute.split('=');
        return [key.toLowerCase(), rest.join('=')];
      }));
      const path = has.get('path')?.startsWith('/') ? has.get('path') : defaultPath(url);
      const key = `${url.hostname}|${path}|${name}`;
      const gone = has.get('max-age') !== undefined
        ? Number(has.get('max-age')) <= 0
        : has.has('expires') && Date.parse(has.get('expires')) <= Date.now();
      if (gone) this.cookies.delete(key);
      else this.cookies.set(key, { host: url.hostname, path, name, value: pair.slice(at + 1), attributes: has });
    }
  }

  matching(url) {
    return [...this.cookies.values()]
      .filter(({ host, path }) => host === url.hostname
        && (url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`)))
      .sort((a, b) => b.path.length - a.path.length);
  }

  header(url) {
    return this.matching(url).map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

function defaultPath(url) {
  const cut = url.pathname.lastIndexOf('/');
  return cut <= 0 ? '/' : url.pathname.slice(0, cut);
}

/** What arrived at the client's redirect URI: the full URL, and the parameters wherever the response mode put them. */
class Callback {
  constructor(url, body) {
    this.kind = 'callback';
    this.url = url;
    this.body = body;
    this.params = body ?? (url.hash ? new URLSearchParams(url.hash.slice(1)) : url.searchParams);
  }
}

/** A page that was answered. */
export class Page {
  constructor(url, response, text) {
    this.kind = 'page';
    this.url = url;
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
    this.dom = parse(text);
  }

  title() { return this.dom.querySelector('title')?.text.trim(); }

  forms() { return this.dom.querySelectorAll('form').map((element) => new Form(this, element)); }

  /** The one form that has every one of these fields. */
  formWith(...fields) {
    return this.forms().find((form) => fields.every((field) => form.fieldFor(field)));
  }

  toString() {
    return `${this.status} ${this.url.href} \`${this.title() ?? ''}\`\n${this.dom.querySelector('main, body')?.structuredText?.slice(0, 800) ?? this.text.slice(0, 800)}`;
  }
}

const FIELD_PURPOSES = {
  identifier: (input) => input.getAttribute('autocomplete')?.split(' ').some((word) => ['username', 'email'].includes(word))
    || input.getAttribute('name') === 'identifier',
  email: (input) => input.getAttribute('autocomplete')?.split(' ').some((word) => ['email', 'username'].includes(word))
    || input.getAttribute('type') === 'email',
  name: (input) => input.getAttribute('autocomplete') === 'name',
  password: (input) => input.getAttribute('type') === 'password' && input.getAttribute('autocomplete') === 'current-password',
  newPassword: (input) => input.getAttribute('type') === 'password' && input.getAttribute('autocomplete') === 'new-password',
};

/** One form of a page and the values it would send. */
export class Form {
  constructor(page, element) {
    this.page = page;
    this.element = element;
    this.values = initialValues(element);
  }

  get method() { return (this.element.getAttribute('method') ?? 'get').toUpperCase(); }

  get action() { return new URL(this.element.getAttribute('action') || this.page.url.href, this.page.url); }

  inputs() { return this.element.querySelectorAll('input, select, textarea'); }

  fieldFor(purpose) {
    const fits = FIELD_PURPOSES[purpose];
    return this.inputs().find((input) => fits(input))?.getAttribute('name');
  }

  /** Fills fields by purpose. */
  fill(values) {
    for (const [purpose, value] of Object.entries(values)) {
      const name = this.fieldFor(purpose);
      if (!name) throw new Error(`no field for ${purpose} on ${this.page}`);
      this.values.set(name, value);
    }
    return this;
  }

  /** Ticks every box whose name it is given. */
  tick(name, value = 'on') { this.values.append(name, value); return this; }

  buttons() {
    return this.element.querySelectorAll('button, input[type=submit]')
      .filter((button) => button.tagName === 'INPUT' || (button.getAttribute('type') ?? 'submit') === 'submit');
  }

  /** The submit button with a matching label; the first one when no label is given. */
  button(label) {
    return this.buttons().find((button) => !label || label.test(button.text.trim() || button.getAttribute('value') || ''));
  }
}

function initialValues(element) {
  const values = new URLSearchParams();
  for (const input of element.querySelectorAll('input, select, textarea')) {
    const name = input.getAttribute('name');
    const type = (input.getAttribute('type') ?? 'text').toLowerCase();
    if (!name || input.hasAttribute('disabled') || ['submit', 'button', 'image', 'reset', 'file'].includes(type)) continue;
    if (['checkbox', 'radio'].includes(type)) {
      if (input.hasAttribute('checked')) values.append(name, input.getAttribute('value') ?? 'on');
    } else if (input.tagName === 'SELECT') {
      const chosen = input.querySelector('option[selected]') ?? input.querySelector('option');
      if (chosen) values.append(name, chosen.getAttribute('value') ?? chosen.text);
    } else {
      values.append(name, input.getAttribute('value') ?? input.text ?? '');
    }
  }
  return values;
}

/** One end user's browser. Stops, without fetching, at addresses that start with one of `callbacks`. */
export class Agent {
  constructor({ callbacks = [], headers = {} } = {}) {
    this.jar = new CookieJar();
    this.callbacks = callbacks;
    this.headers = headers;
  }

  isCallback(url) {
    return this.callbacks.some((callback) => url.href === callback || ['?', '#'].some((mark) => url.href.startsWith(callback + mark)));
  }

  /** One exchange, no redirect followed. */
  async exchange(url, { method = 'GET', body, headers = {} } = {}) {
    const cookie = this.jar.header(url);
    const response = await fetch(url, {
      method,
      body,
      redirect: 'manual',
      headers: { accept: 'text/html', ...this.headers, ...(cookie ? { cookie } : {}), ...headers },
    });
    this.jar.store(url, response);
    return response;
  }

  async goto(address, request = {}) {
    let url = new URL(address);
    let current = request;
    for (let hops = 0; hops < 20; hops += 1) {
      if (this.isCallback(url)) return new Callback(url, current.method === 'POST' ? new URLSearchParams(current.body) : null);
      const response = await this.exchange(url, current);
      if (!REDIRECTS.has(response.status)) {
        return this.settle(new Page(url, response, await response.text()));
      }
      await response.arrayBuffer();
      const next = new URL(response.headers.get('location'), url);
      if (url.hash && !next.hash) next.hash = url.hash;
      if (response.status === 303 || (current.method === 'POST' && response.status < 303)) current = {};
      url = next;
    }
    throw new Error(`too many redirects from ${address}`);
  }

  /** A form_post answer is a page whose only form goes to the client: submit it, as its button or script would. */
  async settle(page) {
    const [form] = page.forms();
    return form && this.isCallback(form.action) ? this.submit(form) : page;
  }

  async submit(form, label) {
    const values = new URLSearchParams(form.values);
    const button = form.button(label);
    if (label && !button) throw new Error(`no button ${label} on ${form.page}`);
    if (button?.getAttribute('name')) values.append(button.getAttribute('name'), button.getAttribute('value') ?? '');
    const action = button?.getAttribute('formaction') ? new URL(button.getAttribute('formaction'), form.page.url) : form.action;
    if (form.method === 'GET') {
      action.search = values.toString();
      return this.goto(action);
    }
    return this.goto(action, {
      method: 'POST',
      body: values.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...provenance(form.page) },
    });
  }
}

/** What a browser says about where a POST came from: under `no-referrer` its Origin is `null` (Fetch 4.1, serializing an origin). */
function provenance(page) {
  const silent = page.headers.get('referrer-policy') === 'no-referrer';
  return {
    origin: silent ? 'null' : page.url.origin,
    ...(silent ? {} : { referer: page.url.href }),
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };
}

export const ALLOW = /^(allow|accept|agree|continue|approve|authori[sz]e)/i;
export const DENY = /^(don.t allow|deny|cancel|refuse|decline|reject|not now)/i;

/**
 * Answers pages as a person would until the browser is back at the client (or a page comes twice, or nothing fits).
 * `user` is {email, password}; `consent` is 'allow' or 'deny'.
 */
export async function interact(agent, page, { user, consent = 'allow' } = {}) {
  let current = page;
  const seen = [];
  for (let steps = 0; steps < 8 && current.kind === 'page'; steps += 1) {
    const kind = pageKind(current);
    if (!kind || (kind === 'sign-in' && seen.includes(kind))) return Object.assign(current, { seen });
    seen.push(kind);
    if (kind === 'sign-in') {
      const form = current.formWith('identifier', 'password');
      current = await agent.submit(form.fill({ identifier: user.email, password: user.password }));
    } else {
      const form = current.forms().find((candidate) => candidate.button(ALLOW) && candidate.button(consent === 'allow' ? ALLOW : DENY))
        ?? current.forms().find((candidate) => candidate.button(consent === 'allow' ? ALLOW : DENY));
      current = await agent.submit(form, consent === 'allow' ? ALLOW : DENY);
    }
  }
  return Object.assign(current, { seen });
}

/** What a page asks for: 'sign-in', 'consent' or null. */
export function pageKind(page) {
  if (page.formWith('identifier', 'password')) return 'sign-in';
  if (page.formWith('newPassword')) return null;
  return page.forms().some((form) => form.button(ALLOW)) && /\/consent\b/.test(page.url.pathname) ? 'consent' : null;
}
