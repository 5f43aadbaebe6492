"""What the web chat itself tells a client when something is wrong with the line, not with the question."""

from __future__ import annotations

MALFORMED = "这条消息没有读懂，请刷新页面再试一次。"
SAY_HELLO_FIRST = "连接还没有准备好，请刷新页面再试一次。"
TOO_FAST = "您发得太快了，请歇十秒再发，前面的消息都会答复。"
TRY_AGAIN = "系统正忙，这条消息还没有收到，稍后会自动再发。"
