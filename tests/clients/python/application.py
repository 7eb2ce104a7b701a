"""A web application that signs its users in with Authlib, as Authlib's own documentation says."""

import httpx
from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

HOST = "http://127.0.0.1:49152"


def application(discovery, client_id, client_secret, **client_kwargs):
    """The application; it answers /sign-in, /callback, /sign-out and /signed-out."""
    oauth = OAuth()
    oauth.register(
        "authflow",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=discovery,
        client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256", **client_kwargs},
    )
    provider = oauth.authflow

    async def sign_in(request):
        extra = dict(request.query_params)
        return await provider.authorize_redirect(request, f"{HOST}/callback", **extra)

    async def callback(request):
        try:
            token = await provider.authorize_access_token(request)
        except OAuthError as refused:
            return JSONResponse({"error": refused.error}, status_code=400)
        request.session["id_token"] = token["id_token"]
        info = await provider.userinfo(token=token)
        return JSONResponse({"token": dict(token), "userinfo": dict(info)})

    async def sign_out(request):
        return await provider.logout_redirect(
            request, post_logout_redirect_uri=f"{HOST}/signed-out", id_token_hint=request.session.pop("id_token")
        )

    async def signed_out(request):
        await provider.validate_logout_response(request)
        return JSONResponse({"signed_out": True})

    async def home(_request):
        return RedirectResponse("/sign-in")

    return Starlette(
        routes=[
            Route("/", home),
            Route("/sign-in", sign_in),
            Route("/callback", callback, methods=["GET", "POST"]),
            Route("/sign-out", sign_out),
            Route("/signed-out", signed_out),
        ],
        middleware=[Middleware(SessionMiddleware, secret_key="only-for-tests", same_site="lax")],
    )


def browser(app):
    """A browser that reaches the application in process and everything else over the network."""
    return httpx.AsyncClient(
        mounts={f"all://{HOST.removeprefix('http://')}": httpx.ASGITransport(app)},
        follow_redirects=True,
        headers={"accept": "text/html"},
    )
