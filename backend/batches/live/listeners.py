"""One listener: a place for the one text that it has not taken yet. Filled by `watches.py`, emptied by `streams.py`."""

import asyncio
from dataclasses import dataclass, field

from batches.live.looks import Since


@dataclass(eq=False)
class Listener:
    """Somebody who listens to a stream.

    It holds one text and no more. While a slow client has not taken that one it is told nothing, and then everything
    since at once: what it misses meanwhile stays in the database.

    Attributes:
        user_id: who it is.
        since: how far it is, once it has taken what waits for it.
    """

    user_id: int
    since: Since
    _text: str = ""
    _is_over: bool = False
    _is_behind: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_free(self) -> bool:
        """Whether it has taken what it was given."""
        return not self._text and not self._is_over

    @property
    def is_over(self) -> bool:
        """Whether nothing will follow what it has taken."""
        return self._is_over and not self._text

    def give(self, text: str, *, over: bool = False) -> None:
        """Have it take a text, which may be its last."""
        self._text, self._is_over = text, over
        if text or over:
            self._news.set()

    def fall_behind(self) -> None:
        """Note that it could not be given what was new."""
        self._is_behind = True

    def end(self) -> None:
        """Have it end once it has taken what waits for it."""
        self._is_over = True
        self._news.set()

    async def take(self, timeout_s: float) -> str:
        """Wait for the next text and take it; nothing after `timeout_s` or at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return ""
        self._news.clear()
        text, self._text = self._text, ""
        return text

    def was_behind(self) -> bool:
        """Return whether it has missed a look because it was slow, and forget that."""
        was, self._is_behind = self._is_behind, False
        return was
