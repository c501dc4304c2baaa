"""Which page lies at which address, and how a request becomes one. Speaks HTTP by Starlette.

Every page lies twice: /... for the folder's own person and /person/NAME/... for the others, so
that what is written goes to whom the address names, whatever else is open.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from notturno.dashboard import (
    of_bands,
    of_event,
    of_night,
    of_nights,
    of_people,
    of_phases,
    of_this,
    pages,
)
from notturno.dashboard.asked import Asked
from notturno.dashboard.say import LANGUAGES, _, said, speaking
from notturno.errors import UserError
from notturno.paths import person_name

if TYPE_CHECKING:
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    from notturno.dashboard.syncing import Runner

GETS = {
    "/": of_night.last,
    "/night/{night}": of_night.one,
    "/night/{night}/event/{no:int}": of_event.page,
    "/nights": of_nights.page,
    "/compare": of_phases.page,
    "/diary": of_people.diary,
    "/corrections": of_people.corrections,
    "/bands": of_bands.page,
    "/bands/sync": of_bands.progress,
    "/about": of_this.page,
}
POSTS = {
    "/night/{night}/event/{no:int}": of_event.label,
    "/compare/phase": of_phases.change,
    "/diary": of_people.add_entry,
    "/diary/remove": of_people.remove_entry,
    "/diary/stimuli": of_people.add_stimuli,
    "/corrections": of_people.correct,
    "/corrections/undo": of_people.undo,
    "/bands/name": of_bands.name,
    "/bands/sync": of_bands.sync,
}
LANGUAGE = "notturno-language"
A_YEAR_S = 31_536_000


def make_app(base: Path, lang: str, runner: Runner) -> Starlette:
    """Return the application (without its guard) for the data folder `base`.

    lang: spoken until the page is told otherwise; runner: `syncing.Runner`.
    """
    routes = [Route("/language", _choose_language, methods=["POST"])]
    routes += [Route(f"/static/{name}", _static(name), methods=["GET"]) for name in pages.STATIC]
    for front in ("", "/person/{person}"):
        for method, table in (("GET", GETS), ("POST", POSTS)):
            for path, function in table.items():
                routes.append(Route(front + path, _endpoint(function), methods=[method]))
    on_error: dict[Any, Any] = {404: _missing}
    app = Starlette(routes=routes, exception_handlers=on_error)
    app.state.base, app.state.lang, app.state.runner = base, lang, runner
    return app


def _static(name: str) -> Callable:
    body, kind = pages.static(name)

    async def endpoint(request: Request) -> Response:
        return Response(body, media_type=kind)

    return endpoint


def _endpoint(function: Callable) -> Callable:
    async def endpoint(request: Request) -> HTMLResponse | JSONResponse | RedirectResponse:
        return await run_in_threadpool(_answer, request, function)

    return endpoint


def _answer(request: Request, function: Callable) -> Any:
    """Return the response of one page, made in its language; what people got wrong is a page."""
    lang = request.cookies.get(LANGUAGE, request.app.state.lang)
    lang = lang if lang in LANGUAGES else request.app.state.lang
    with speaking(lang):
        asked = None
        try:
            asked = _asked(request, lang)
            found = function(asked)
        except UserError as error:
            back = Asked(request.app.state.base, lang=lang) if asked is None else asked
            if request.headers.get("accept", "").startswith("application/json"):
                return Response(said(error), status_code=400, media_type="text/plain")
            text = pages.page(back, "error.html", _("That did not work"), sentence=said(error))
            return HTMLResponse(text, status_code=400)
    if isinstance(found, Response):
        return found
    return HTMLResponse(found)


def _asked(request: Request, lang: str) -> Asked:
    given = dict(request.path_params)
    person = given.pop("person", "")
    base = request.app.state.base
    asked = Asked(
        base,
        path=given,
        query=dict(request.query_params),
        form=request.scope["form"],
        form_word=request.scope["form_word"],
        lang=lang,
        here=request.url.path,
        runner=request.app.state.runner,
    )
    if person not in asked.people():
        raise UserError("There are no nights of {person} here.", person=person_name(person))
    asked.person = person
    return asked


async def _missing(request: Request, error: HTTPException) -> Response:
    sentence = _("There is no such page.")
    return Response(sentence, status_code=404, media_type="text/plain")


async def _choose_language(request: Request) -> RedirectResponse:
    """Keep the language in a cookie and go back to the page that asked."""
    form = request.scope["form"]
    lang = form.get("lang") if form.get("lang") in LANGUAGES else request.app.state.lang
    response = RedirectResponse(local_path(form.get("back", "/")), status_code=303)
    response.set_cookie(LANGUAGE, lang, max_age=A_YEAR_S, httponly=True, samesite="strict")
    return response


def local_path(text: str) -> str:
    """Return the path of an address of ours; "/" for any that could lead elsewhere."""
    leads_out = text.startswith("//") or "\\" in text  # which browsers take for a slash
    plain = text.startswith("/") and text.isprintable()
    return text if plain and not leads_out else "/"
