"""What the web chat itself tells a client when something is wrong with the line, not with the question."""

from __future__ import annotations

MALFORMED = "这条消息没有读懂，请刷新页面再试一次。"
SAY_HELLO_FIRST = "连接还没有准备好，请刷新页面再试一次。"
TOO_FAST = "您发得太快了，请歇十秒再发，前面的消息都会答复。"
TRY_AGAIN = "系统正忙，这条消息还没有收到，稍后会自动再发。"

# About files.
NOT_OUR_PAGE = "请回到聊天页面再发。"
NO_COOKIE = "请刷新页面再发一次。"
TOO_MANY_FILES = "您一下子发得太多了，请过一分钟再发。"
BUSY = "现在发文件的人多，请过一分钟再发。"
FILE_TOO_LARGE = "这个文件太大了（超过20MB），发不过去。请拍成照片，或分成几个小文件再发。"
FILE_EMPTY = "这个文件是空的，请换一个再发。"
FILE_TYPE = "这种文件发不了。可以发图片、录音、视频、PDF、Word、Excel 和 txt 文件。"
NO_ROOM = "法邻这里暂时存不下文件了。文字照样能发；要紧的材料，请打电话联系司法所。"
FILE_NOT_KEPT = "没有发成功，请过一会儿再发一次。"
FILE_UNKNOWN = "这个文件没有传好，请重新选一次。"
FILE_GONE = "这个文件打不开：它已经删除，或者不是发给您的。"
FILE_AWAY = "这个文件暂时打不开，请过一会儿再试。"
