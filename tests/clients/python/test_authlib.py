"""Authlib, unmodified: a whole web application, and its plain OAuth client for the back channel."""

import time

import httpx
import pytest
from application import HOST, application, browser
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from conftest import CALLBACK
from joserfc import jwt
from joserfc.jwk import KeySet
from person import DENY, answer_pages

pytestmark = pytest.mark.anyio


async def sign_in(place, made, query="", **client_kwargs):
    """The whole flow in a browser; gives the browser and what the application got."""
    app = application(place.discovery, made["client_id"], made.get("client_secret"), **client_kwargs)
    agent = browser(app)
    page, seen = await answer_pages(agent, await agent.get(f"{HOST}/sign-in{query}"), place.user)
    assert page.url.path == "/callback", page.text
    assert page.status_code == 200, page.text
    return agent, page.json(), seen


def oauth_client(place, made, method="client_secret_basic", **more):
    return OAuth2Client(
        made["client_id"], made.get("client_secret"), token_endpoint_auth_method=method,
        scope="openid profile email offline_access", redirect_uri=CALLBACK, code_challenge_method="S256", **more,
    )  # fmt: skip


async def obtain_code(place, client, verifier="v" * 64, **extra):
    """An authorization code through the hosted pages, without redeeming it."""
    url, state = client.create_authorization_url(
        place.metadata()["authorization_endpoint"], code_verifier=verifier, nonce="n-1", **extra
    )

    async def catch(request):
        return httpx.Response(200, text="back at the client")

    async with httpx.AsyncClient(
        mounts={"all://127.0.0.1:49152": httpx.MockTransport(catch)}, follow_redirects=True
    ) as agent:
        page, _ = await answer_pages(agent, await agent.get(url), place.user)
    assert page.url.host == "127.0.0.1", page.text
    assert page.url.params["state"] == state
    assert page.url.params["iss"] == place.issuer
    return str(page.url)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_application_signs_its_user_in(place, method):
    _, got, seen = await sign_in(place, place.client(), token_endpoint_auth_method=method)
    assert "sign-in" in seen
    claims = got["token"]["userinfo"]
    assert claims["iss"] == place.issuer
    assert got["userinfo"]["sub"] == claims["sub"]
    assert got["userinfo"]["email"] == place.user["email"]
    assert got["token"]["refresh_token"]
    assert got["token"]["token_type"].lower() == "bearer"


async def test_public_client_signs_in_with_pkce_alone(place):
    _, got, _ = await sign_in(place, place.client("public"), token_endpoint_auth_method="none")
    assert got["token"]["id_token"]


async def test_answer_by_form_post(place):
    _, got, seen = await sign_in(place, place.client(), "?response_mode=form_post")
    assert seen[-1] == "form_post"
    assert got["token"]["access_token"]


async def test_second_sign_in_is_silent_and_sign_out_ends_that(place):
    made = place.client()
    agent, first, _ = await sign_in(place, made)
    again = await agent.get(f"{HOST}/sign-in?prompt=none")
    assert again.url.path == "/callback"
    assert again.json()["userinfo"]["sub"] == first["userinfo"]["sub"]
    out = await agent.get(f"{HOST}/sign-out")
    assert out.url.path == "/signed-out", out.text
    assert out.json() == {"signed_out": True}
    refused = await agent.get(f"{HOST}/sign-in?prompt=none")
    assert refused.status_code == 400
    assert refused.json() == {"error": "login_required"}


async def test_user_who_declines_is_reported_to_the_application(place):
    made = place.client()
    agent = browser(application(place.discovery, made["client_id"], made["client_secret"]))
    page, seen = await answer_pages(agent, await agent.get(f"{HOST}/sign-in?prompt=consent"), place.user, consent=DENY)
    assert seen == ["sign-in", "consent"]
    assert page.json() == {"error": "access_denied"}


async def test_wrong_password_stays_at_the_provider(place):
    made = place.client()
    agent = browser(application(place.discovery, made["client_id"], made["client_secret"]))
    wrong = {**place.user, "password": "not the password at all"}
    page, seen = await answer_pages(agent, await agent.get(f"{HOST}/sign-in"), wrong)
    assert seen == ["sign-in"]
    assert page.url.host == "localhost"
    assert 'role="alert"' in page.text


async def test_tokens_refresh_introspect_and_revoke(place):
    made, metadata = place.client(), place.metadata()
    client = oauth_client(place, made)
    arrival = await obtain_code(place, client)
    token = client.fetch_token(metadata["token_endpoint"], authorization_response=arrival, code_verifier="v" * 64)

    keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).json())
    access = jwt.decode(token["access_token"], keys, algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt"
    assert access.claims["iss"] == place.issuer
    assert access.claims["client_id"] == made["client_id"]
    assert access.claims["exp"] > time.time()

    seen = client.introspect_token(metadata["introspection_endpoint"], token=token["access_token"])
    assert seen.json()["active"] is True
    refreshed = client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert refreshed["refresh_token"] != token["refresh_token"]
    client.revoke_token(metadata["revocation_endpoint"], token=refreshed["refresh_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token(metadata["token_endpoint"], refresh_token=refreshed["refresh_token"])
    seen = client.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"])
    assert seen.json() == {"active": False}


async def test_machine_gets_a_token_of_its_own(place):
    made = place.client("confidential", "--grant", "client_credentials")
    client = OAuth2Client(made["client_id"], made["client_secret"])
    token = client.fetch_token(place.metadata()["token_endpoint"], grant_type="client_credentials")
    assert token["access_token"]
    assert "refresh_token" not in token
    assert "id_token" not in token


async def test_code_redeems_once_and_its_replay_revokes_what_it_gave(place):
    made, metadata = place.client(), place.metadata()
    client = oauth_client(place, made)
    arrival = await obtain_code(place, client)
    token = client.fetch_token(metadata["token_endpoint"], authorization_response=arrival, code_verifier="v" * 64)
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.fetch_token(metadata["token_endpoint"], authorization_response=arrival, code_verifier="v" * 64)
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])


async def test_wrong_verifier_is_refused(place):
    client = oauth_client(place, place.client())
    arrival = await obtain_code(place, client)
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.fetch_token(
            place.metadata()["token_endpoint"], authorization_response=arrival, code_verifier="w" * 64
        )


async def test_wrong_secret_is_refused(place):
    made = place.client()
    for method in ("client_secret_basic", "client_secret_post"):
        client = oauth_client(place, {**made, "client_secret": "wrong"}, method)
        with pytest.raises(OAuthError, match="invalid_client"):
            client.fetch_token(place.metadata()["token_endpoint"], grant_type="refresh_token", refresh_token="x")


async def test_unknown_scope_and_missing_challenge_go_back_to_the_client(place):
    client = oauth_client(place, place.client())
    endpoint = place.metadata()["authorization_endpoint"]
    plain = OAuth2Client(client.client_id, redirect_uri=CALLBACK, scope="openid")
    unknown_scope, _ = oauth_client(place, {"client_id": client.client_id}).create_authorization_url(
        endpoint, scope="openid no-such-scope", code_verifier="v" * 64
    )
    for url, error in [
        (unknown_scope, "invalid_scope"),
        (plain.create_authorization_url(endpoint)[0], "invalid_request"),
    ]:
        answer = httpx.get(url)
        assert answer.status_code == 303, answer.text
        location = httpx.URL(answer.headers["location"])
        assert location.host == "127.0.0.1"
        assert location.params["error"] == error
        assert location.params["iss"] == place.issuer


async def test_foreign_redirect_uri_is_never_followed(place):
    made = place.client()
    client = OAuth2Client(made["client_id"], redirect_uri="https://evil.example/callback", scope="openid")
    url, _ = client.create_authorization_url(place.metadata()["authorization_endpoint"])
    answer = httpx.get(url)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_client_of_another_tenant_is_unknown(place):
    other = "acme" if place.tenant == "default" else "default"
    made = place.client("confidential", "--grant", "client_credentials")
    client = OAuth2Client(made["client_id"], made["client_secret"])
    with pytest.raises(OAuthError, match="invalid_client"):
        client.fetch_token(f"{place.installation.issuer(other)}/oauth2/token", grant_type="client_credentials")
