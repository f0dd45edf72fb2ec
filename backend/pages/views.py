"""Serves the front end: every address that is neither API nor asset gets the built `index.html`; see `config.urls`.

How the build fits: Vite's `base` is `/static/app/` and its output folder is `backend/pages/dist` (setting PAGES_DIST),
so that `dist/assets/index-B3c9fQ2x.js` is `/static/app/assets/index-B3c9fQ2x.js`. ServeStatic serves those files and
tells browsers to keep those with a hash in their name for ever (`pages.caching`). The page itself is never kept. Inline
scripts are not allowed (Content-Security-Policy); inline styles are, because Mantine writes them.
"""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Casefarm: the pages are not built</title></head>
<body><h1>The pages are not built yet</h1>
<p>The service runs, but the folder <code>backend/pages/dist</code> has no front end in it.</p>
<p>Build it with <code>make pages</code> (or <code>npm ci &amp;&amp; npm run build</code> in
<code>frontend/</code>), then start the service again. The API works without it:
see <a href="/api/docs/">its documentation</a>.</p></body></html>
"""


@require_safe
@never_cache
@ensure_csrf_cookie
def show_page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - which page it is, the front end sees from the address
    """Return the front end's page, with the cookie that its forms need; 503 and what to do where it is not built."""
    page = Path(settings.PAGES_DIST) / "index.html"
    try:
        response = HttpResponse(page.read_bytes())
    except FileNotFoundError:
        response = HttpResponse(NOT_BUILT, status=503)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["Referrer-Policy"] = "same-origin"
    return response
