"""Filling the templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bot.console import labels
from bot.console.site import Site
from bot.domain.amounts import write_amount
from bot.domain.calendar import BEIJING
from bot.domain.permissions import may
from bot.domain.work_calendar import say_moment

if TYPE_CHECKING:
    from bot.console.guard import Visit

HERE = Path(__file__).parent
# Browsers would show a line break between two Chinese characters of a template as a gap.
LINE_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")


class _Loader(FileSystemLoader):
    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, fresh = super().get_source(environment, template)
        return LINE_BREAK.sub("", source), name, fresh


templates = Environment(
    loader=_Loader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
templates.globals["labels"] = labels
templates.globals["money"] = write_amount


def page(visit: Visit, name: str, status: int = 200, /, **values: Any) -> Response:
    """A page for somebody who is logged in."""
    return render(
        visit.site, name, status, member=visit.member, csrf=visit.csrf, path=visit.request.url.path,
        done=visit.request.query_params.get("done", ""), may=lambda action: may(visit.member, action), **values,
    )  # fmt: skip


def notice_page(site: Site, notice: str, status: int, visit: Visit | None = None, *, code: str = "") -> Response:
    """One sentence and a way on. Args: notice: one of labels.NOTICES.  code: of a broken rule."""
    text = site.library.wording.text(f"utter_refused_{code}") if _is_worded(site, code) else labels.NOTICES[notice]
    return page(visit, "notice.html", status, text=text) if visit else render(site, "notice.html", status, text=text)


def _is_worded(site: Site, code: str) -> bool:
    return bool(code) and f"utter_refused_{code}" in site.library.wording.names()


def render(site: Site, name: str, status: int = 200, /, **values: Any) -> Response:
    """A page; times are said as seen from now."""
    now = site.now()
    defaults: dict[str, Any] = {
        "member": None, "csrf": "", "path": "", "done": "", "may": lambda _: False, "street": site.street, "now": now,
        "has_figures": site.figures is not None,
        "say": lambda moment: say_moment(moment, now), "clock": say_clock, "left": lambda moment: say_left(moment, now),
    }  # fmt: skip
    return HTMLResponse(templates.get_template(name).render({**defaults, **values}), status_code=status)


def say_clock(moment: datetime) -> str:
    """Day and time in China: 11-23 18:05."""
    return f"{moment.astimezone(BEIJING):%m-%d %H:%M}"


def say_left(moment: datetime, now: datetime) -> str:
    """How long until then, or since then: 还有1小时20分, 已超35分."""
    late, span = moment < now, abs(moment - now)
    return f"{'已超' if late else '还有'}{say_span(span)}"


def say_span(span: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = int(span.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days}天{f'{hours}小时' if hours else ''}"
    if hours:
        return f"{hours}小时{f'{minutes}分' if minutes else ''}"
    return f"{minutes}分钟"
