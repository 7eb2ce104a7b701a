"""An end user with a browser: follows redirects, fills in the hosted pages by what their fields are for."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

ALLOW = re.compile(r"\s*(allow|accept|continue|authori[sz]e)", re.IGNORECASE)
DENY = re.compile(r"\s*(don.t allow|deny|cancel|decline|not now)", re.IGNORECASE)


class Forms(HTMLParser):
    """Every form of a page: method, action, fields with their attributes, submit buttons with their labels."""

    def __init__(self, text):
        super().__init__()
        self.all = []
        self.button = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.all.append({"tag": attributes, "fields": [], "buttons": []})
        elif not self.all:
            return
        elif tag == "input":
            self.all[-1]["fields"].append(attributes)
        elif tag == "button":
            self.button = {**attributes, "label": ""}
            self.all[-1]["buttons"].append(self.button)

    def handle_endtag(self, tag):
        if tag == "button":
            self.button = None

    def handle_data(self, data):
        if self.button is not None:
            self.button["label"] += data


def values(form):
    """What the form sends as it stands: every name with its values."""
    sent = {}
    for field in form["fields"]:
        kind = field.get("type", "text")
        if "name" not in field or kind in ("submit", "button"):
            continue
        if kind not in ("checkbox", "radio") or "checked" in field:
            sent.setdefault(field["name"], []).append(field.get("value", "on" if kind == "checkbox" else ""))
    return sent


def field(form, *purposes):
    """The name of the field with one of these autocomplete purposes."""
    for each in form["fields"]:
        if set(each.get("autocomplete", "").split()) & set(purposes):
            return each["name"]
    return None


async def submit(browser, page, form, sent, button=None):
    if button and button.get("name"):
        sent[button["name"]] = button.get("value", "")
    action = urljoin(str(page.url), form["tag"].get("action") or str(page.url))
    headers = {"origin": "null" if page.headers.get("referrer-policy") == "no-referrer" else origin(page.url)}
    if form["tag"].get("method", "get").lower() == "post":
        return await browser.post(action, data=sent, headers=headers)
    return await browser.get(action, params=sent)


def origin(url):
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


async def answer_pages(browser, page, user, consent=ALLOW, at="localhost"):
    """Signs in and consents until the browser is no longer at the provider, or nothing is asked."""
    seen = []
    while page.url.host == at and len(seen) < 6:
        forms = Forms(page.text).all
        if len(forms) == 1 and urlsplit(forms[0]["tag"].get("action", "")).netloc not in ("", page.url.netloc.decode()):
            # The answer of response_mode=form_post: a script or a click sends it on to the client.
            seen.append("form_post")
            page = await submit(browser, page, forms[0], values(forms[0]))
            continue
        sign_in = next((form for form in forms if field(form, "current-password")), None)
        if sign_in:
            if "sign-in" in seen:
                break
            seen.append("sign-in")
            sent = values(sign_in)
            sent[field(sign_in, "username", "email")] = user["email"]
            sent[field(sign_in, "current-password")] = user["password"]
            page = await submit(browser, page, sign_in, sent)
            continue
        choices = [(form, button) for form in forms for button in form["buttons"] if consent.match(button["label"])]
        if "/consent" not in page.url.path or not choices:
            break
        seen.append("consent")
        form, button = choices[0]
        page = await submit(browser, page, form, values(form), button)
    return page, seen
