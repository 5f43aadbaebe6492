"""What Telegram's own interface shows around a chat: the command menu and the keys under the input field."""

from __future__ import annotations

from telegram import BotCommand, ReplyKeyboardMarkup

COMMANDS = (
    BotCommand("start", "开始使用法邻"),
    BotCommand("help", "怎么用法邻"),
    BotCommand("menu", "服务菜单"),
    BotCommand("human", "转人工：联系社区法律顾问"),
    BotCommand("status", "查看我的案件"),
    BotCommand("forget", "删除我的个人信息"),
)

# Pressing a key sends its words as an ordinary message.
KEYS = ReplyKeyboardMarkup([["转人工", "我的案件"], ["菜单"]], resize_keyboard=True, is_persistent=True)
